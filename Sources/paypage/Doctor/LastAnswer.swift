import Foundation
import PayCore
import PayProviders
import Synchronization

/// A transport that records the last answer: its status, and the provider's own code.
final class LastAnswer: ProviderTransport {
    enum Answer: Hashable, Sendable {
        case none
        case answered(status: Int, code: String?)
        case failed(String)
    }

    private let transport: any ProviderTransport
    private let last = Mutex(Answer.none)

    init(_ transport: any ProviderTransport) {
        self.transport = transport
    }

    var answer: Answer { last.withLock { $0 } }

    /// Whether the last answer was a 2xx, verified or not.
    var isSuccess: Bool {
        if case .answered(200...299, _) = answer { true } else { false }
    }

    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        do {
            let reply = try await transport.send(request)
            last.withLock { $0 = .answered(status: reply.status, code: ProviderCode.first(in: reply.body)) }
            return reply
        } catch {
            last.withLock { $0 = .failed("\(error)") }
            throw error
        }
    }
}

/// A provider's own error code, from an answer that need not be verified. It may be shown to a person, but must not
/// decide anything.
enum ProviderCode {
    private static let longest = 64

    /// Alipay's `sub_code` is more specific than its `code`, Stripe's `code` than its `type`.
    private struct Body: Decodable {
        struct Node: Decodable {
            let sub_code: String?
            let code: String?
            let type: String?
        }

        let nodes: [Node]

        init(from decoder: any Decoder) throws {
            let whole = try Node(from: decoder)
            let inner = try decoder.container(keyedBy: AnyName.self)
            nodes = [whole] + inner.allKeys.compactMap { try? inner.decode(Node.self, forKey: $0) }
        }
    }

    private struct AnyName: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init?(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) { nil }
    }

    static func first(in body: [UInt8]) -> String? {
        guard let nodes = (try? JSONDecoder().decode(Body.self, from: Data(body)))?.nodes else { return nil }
        let codes = nodes.map(\.sub_code) + nodes.map(\.code) + nodes.map(\.type)
        return codes.compactMap { $0 }.first {
            $0.isASCIIAlphanumeric(or: "._-", 1...longest)
        }
    }
}
