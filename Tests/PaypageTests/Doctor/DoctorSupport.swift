import CryptoExtras
import Foundation
import PayCore
import PayProviders
import Synchronization

@testable import paypage

/// A transport that answers by a script, and records the requests.
final class DoctorScript: ProviderTransport {
    typealias Line = @Sendable (ProviderRequest) throws(TransportError) -> ProviderReply

    private let line: Line
    private let asked = Mutex<[ProviderRequest]>([])

    init(_ line: @escaping Line) {
        self.line = line
    }

    convenience init(_ status: Int, _ body: String = "", headers: [Header] = []) {
        self.init { _ in ProviderReply(status: status, headers: headers, body: Array(body.utf8)) }
    }

    convenience init(failing reason: TransportError.Reason) {
        self.init { _ throws(TransportError) in throw TransportError(.neverSent, reason) }
    }

    var requests: [ProviderRequest] { asked.withLock { $0 } }

    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        asked.withLock { $0.append(request) }
        return try line(request)
    }
}

/// The provider's transport, with a running service at `public.url`.
private struct BesideService: ProviderTransport {
    let transport: any ProviderTransport

    init(_ transport: any ProviderTransport) {
        self.transport = transport
    }

    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        guard request.url.hasSuffix("/healthz") else { return try await transport.send(request) }
        return ProviderReply(status: 200, headers: [], body: Array(#"{"status":"ok"}"#.utf8))
    }
}

enum DoctorFixture {
    /// Alipay's answer to a query, signed by its key.
    static func alipayAnswer(_ node: String, signedBy key: _RSA.Signing.PrivateKey = KeyFiles.theirs) throws -> String {
        let signature = try key.signature(for: Data(node.utf8), padding: .insecurePKCS1v1_5)
        let sign = signature.rawRepresentation.base64EncodedString()
        return #"{"alipay_trade_query_response":\#(node),"sign":"\#(sign)"}"#
    }

    static func findings(
        _ environment: [String: String], over transport: any ProviderTransport
    ) async throws -> [Finding] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "doctor-\(UUID().uuidString).sqlite").path
        let settings = try SettingsFixture.load(
            KeyFiles.basics.merging(["PAYPAGE_DATABASE_URL": "sqlite:\(folder)"]) { $1 }.merging(environment) { $1 })
        return await Checkup(settings: settings, transport: BesideService(transport), clock: SystemClock()).findings()
    }
}

extension [Finding] {
    subscript(_ subject: String) -> Finding? { first { $0.subject == subject } }
}
