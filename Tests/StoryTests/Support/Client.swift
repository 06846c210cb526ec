import Foundation
import PayProviders

/// Calls one server over HTTP, and keeps its connections open.
final class Client: Sendable {
    let base: String
    private let transport: CurlTransport

    init(base: String) {
        self.base = base
        // Longer than the service waits for its provider, so that the service answers first.
        transport = CurlTransport(limits: .init(totalTimeout: .seconds(30)))
    }

    func send(
        _ method: ProviderRequest.Method, _ path: String, headers: [Header] = [], json: String? = nil
    ) async throws(TransportError) -> ProviderReply {
        let type = json == nil ? [] : [Header(name: "Content-Type", value: "application/json")]
        return try await transport.send(
            ProviderRequest(method: method, url: base + path, headers: headers + type, body: Array((json ?? "").utf8)))
    }

    func close() async { await transport.close() }
}

extension ProviderReply {
    var text: String { String(decoding: body, as: UTF8.self) }

    func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw Unreadable(description: "\(status), not a \(type): \(text.prefix(500))")
        }
    }

    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// Whole seconds, as the service writes them.
    var retryAfter: Int? { header("Retry-After").flatMap { Int($0) } }

    var cacheStatus: String? { header("Cache-Status") }

    /// The code of a problem; nil for any other answer.
    var code: String? { header("Content-Type") == "application/problem+json" ? try? read(ProblemView.self).code : nil }

    /// The content of the page in an answer to a pay call; nil for any other answer.
    var pageContent: String? { try? read(PaymentView.self).page.content }
}

/// An answer to pay and repay.
struct PaymentView: Decodable, Sendable {
    struct Page: Decodable, Sendable {
        let kind: String
        let content: String
        let expires_in: Int
    }

    let out_trade_no: String
    let state: String
    let expires_in: Int
    let page: Page
    let checkout_url: String
}

/// An order, as the merchant sees it.
struct OrderView: Decodable, Sendable {
    struct Attempt: Decodable, Hashable, Sendable {
        let trade_no: String
        let state: String
    }

    struct LivePage: Decodable, Sendable {
        let kind: String
    }

    struct Receipt: Decodable, Sendable {
        let transaction_id: String
        let trade_no: String
        let amount: Int
        let standing: String
    }

    let state: String
    let expires_in: Int
    let page: LivePage?
    let attempts: [Attempt]
    let receipts: [Receipt]
}

struct ProblemView: Decodable, Sendable {
    let code: String
    let status: Int
    let state: String?
    let instance: String
}

/// A trade in the sandbox's books.
struct TradeView: Decodable, Sendable {
    let trade_no: String
    let state: String
    let creates: Int
}

struct TradeListView: Decodable, Sendable {
    let trades: [TradeView]
}
