import Crypto
import Foundation
import PayProviders
import Testing

/// A service whose keys are in a file, which a story rewrites while the service runs.
struct ReloadedService: Sendable {
    let story: Story
    let service: Service
    private let file: String

    /// - Parameters:
    ///   - keys: the content of the file.
    ///   - variables: the other settings.
    static func start(
        _ story: Story, keys: [String: [String]], variables: [String: String]
    ) async throws -> ReloadedService {
        let file = "\(story.folder)/paypage.json"
        try write(keys, to: file)
        let port = try FreePort.find()
        let standard = [
            "PAYPAGE_HTTP_PORT": "\(port)", "PAYPAGE_PUBLIC_URL": "http://127.0.0.1:\(port)",
            "PAYPAGE_RECONCILE_ENABLED": "false",
        ]
        let process = try story.start(
            try Paypage.executable(), ["serve", "--config", file, "--log-format", "json"],
            standard.merging(story.database) { $1 }.merging(variables) { $1 })
        _ = try await process.errors.first("the service listens") { $0.contains("http.port") ? $0 : nil }
        let client = story.client(base: "http://127.0.0.1:\(port)")
        return ReloadedService(
            story: story, service: Service(process: process, port: port, client: client), file: file)
    }

    func write(_ keys: [String: [String]]) throws { try Self.write(keys, to: file) }

    private static func write(_ keys: [String: [String]], to file: String) throws {
        try JSONEncoder().encode(keys.mapValues { $0.count == 1 ? OneOrMany.one($0[0]) : .many($0) })
            .write(to: URL(filePath: file))
    }

    private enum OneOrMany: Encodable {
        case one(String)
        case many([String])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one(let text): try container.encode(text)
            case .many(let texts): try container.encode(texts)
            }
        }
    }

    /// Runs `paypage reload`.
    func reload() async throws -> Paypage.Run {
        try await Paypage.run(["reload", "--by", "ming"], settings: story.database, in: story.folder)
    }

    /// Writes new keys, and expects the reload to name the changed settings.
    func reload(_ keys: [String: [String]], changing names: String) async throws {
        try write(keys)
        let run = try await reload()
        #expect(run.end == .exited(0) && run.output == "reloaded: \(names)", "\(run.output) \(run.errors)")
    }

    /// Calls with one API key or user token.
    func status(
        _ method: ProviderRequest.Method = .get, _ path: String, as bearer: String? = nil, key: String? = nil,
        json: String? = nil
    ) async throws -> Int {
        var headers = bearer.map { [Header(name: "Authorization", value: "Bearer \($0)")] } ?? []
        if let key { headers.append(Header(name: "Idempotency-Key", value: key)) }
        return try await service.client.send(method, path, headers: headers, json: json).status
    }
}

/// A user token, signed by HS256.
func userToken(_ user: String, secret: String) -> String {
    func text(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().map { ["+": "-", "/": "_", "=": ""][$0] ?? String($0) }.joined()
    }
    let end = Int(Date().timeIntervalSince1970) + 3_600
    let signed = text(#"{"alg":"HS256"}"#.utf8) + "." + text(#"{"sub":"\#(user)","exp":\#(end)}"#.utf8)
    let code = HMAC<SHA256>.authenticationCode(
        for: Data(signed.utf8), using: SymmetricKey(data: Data(secret.utf8)))
    return signed + "." + text(code)
}
