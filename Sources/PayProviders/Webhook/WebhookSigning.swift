import Crypto
public import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Signs webhooks by the Standard Webhooks scheme (standardwebhooks.com): HMAC-SHA256 over the message id, the time of
/// the try and the body, joined by dots.
public struct WebhookSigner: Sendable {
    /// A shorter key can be guessed. The scheme recommends 24 to 64 bytes.
    public static let shortestStrongKey = 24

    private static let prefix = "whsec_"

    private let key: SymmetricKey

    /// Reads the secret as the scheme's libraries do: base64, with or without the prefix `whsec_`. A text that is not
    /// base64 is used as raw bytes. Nil when the text is empty, or has the prefix but no base64 after it.
    public init?(secret: Secret) {
        let text = secret.reveal()
        let isMarked = text.hasPrefix(Self.prefix)
        let decoded = Self.bytes(ofBase64: isMarked ? String(text.dropFirst(Self.prefix.count)) : text)
        guard let bytes = decoded ?? (isMarked ? nil : Array(text.utf8)), !bytes.isEmpty else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// Nil unless the text is canonical base64 with padding. Foundation accepts more than the scheme's libraries.
    private static func bytes(ofBase64 text: String) -> [UInt8]? {
        guard !text.isEmpty, text.utf8.count.isMultiple(of: 4), text.wholeMatch(of: /[A-Za-z0-9+\/]+={0,2}/) != nil
        else {
            return nil
        }
        return Data(base64Encoded: text).map(Array.init)
    }

    public var keyByteCount: Int { key.bitCount / 8 }

    public var hasShortKey: Bool { key.bitCount < Self.shortestStrongKey * 8 }

    /// The signature of a message and the time of its sending, `v1,…`.
    fileprivate func signature(of signed: [UInt8]) -> String {
        let code = Data(HMAC<SHA256>.authenticationCode(for: signed, using: key))
        return "v1,\(code.base64EncodedString())"
    }
}

extension [WebhookSigner] {
    /// The headers that authenticate the message and state the time of sending. A receiver accepts any one signature.
    func headers(of messageID: String, body: [UInt8], at now: Instant) -> [Header] {
        let timestamp = "\(now.milliseconds / 1_000)"
        let signed = [UInt8]("\(messageID).\(timestamp).".utf8) + body
        return [
            Header(name: "webhook-id", value: messageID), Header(name: "webhook-timestamp", value: timestamp),
            Header(name: "webhook-signature", value: map { $0.signature(of: signed) }.joined(separator: " ")),
        ]
    }
}
