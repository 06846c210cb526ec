import Crypto
import Foundation

/// Verifies a webhook as a shop would, by the public scheme and not by our code: HMAC-SHA256 written out from its
/// definition (RFC 2104), over `{id}.{timestamp}.{body}`, in base64 after `v1,`, with spaces between several
/// signatures.
public struct WebhookVerifier: Sendable {
    private let key: [UInt8]

    /// A secret as the scheme writes it: `whsec_` and base64.
    public init(secret: String) {
        key = Array(Data(base64Encoded: String(secret.dropFirst("whsec_".count))) ?? Data())
    }

    public init(key: [UInt8]) {
        self.key = key
    }

    public func accepts(id: String?, timestamp: String?, signatures: String?, body: [UInt8]) -> Bool {
        guard let id, let timestamp, let signatures else { return false }
        let expected = "v1," + Data(code(of: Array("\(id).\(timestamp).".utf8) + body)).base64EncodedString()
        return signatures.split(separator: " ").contains { $0 == expected }
    }

    private func code(of message: [UInt8]) -> [UInt8] {
        let blockSize = 64
        let short = key.count > blockSize ? Array(SHA256.hash(data: key)) : key
        let block = short + [UInt8](repeating: 0, count: blockSize - short.count)
        let inner = SHA256.hash(data: block.map { $0 ^ 0x36 } + message)
        return Array(SHA256.hash(data: block.map { $0 ^ 0x5C } + Array(inner)))
    }
}
