import Crypto
public import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Signs messages to the merchant by the Standard Webhooks scheme (standardwebhooks.com): HMAC-SHA256 over the
/// message's name, the time of the try, and the body, joined by dots.
public struct WebhookSigner: Sendable {
    /// A shorter key can be guessed; the scheme wants 24 to 64 bytes.
    public static let shortestStrongKey = 24

    private static let prefix = "whsec_"

    private let key: SymmetricKey

    /// The secret as the scheme's libraries read it: base64, with `whsec_` before it or without. A text that isn't
    /// base64 is taken for its bytes. Nil when it is empty, or has the prefix and no base64 behind it.
    public init?(secret: Secret) {
        let text = secret.reveal()
        let isMarked = text.hasPrefix(Self.prefix)
        let decoded = Self.bytes(ofBase64: isMarked ? String(text.dropFirst(Self.prefix.count)) : text)
        guard let bytes = decoded ?? (isMarked ? nil : Array(text.utf8)), !bytes.isEmpty else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// Nil unless the text is base64 to the letter, with its padding: Foundation takes more than the libraries do.
    private static func bytes(ofBase64 text: String) -> [UInt8]? {
        guard !text.isEmpty, text.utf8.count.isMultiple(of: 4), text.wholeMatch(of: /[A-Za-z0-9+\/]+={0,2}/) != nil
        else {
            return nil
        }
        return Data(base64Encoded: text).map(Array.init)
    }

    public var keyByteCount: Int { key.bitCount / 8 }

    public var hasShortKey: Bool { key.bitCount < Self.shortestStrongKey * 8 }

    /// The headers that prove that the message is ours, and say when it was sent.
    func headers(of messageID: String, body: [UInt8], at now: Instant) -> [Header] {
        let timestamp = "\(now.milliseconds / 1_000)"
        let signed = Array("\(messageID).\(timestamp).".utf8) + body
        let code = Data(HMAC<SHA256>.authenticationCode(for: signed, using: key))
        return [
            Header(name: "webhook-id", value: messageID), Header(name: "webhook-timestamp", value: timestamp),
            Header(name: "webhook-signature", value: "v1,\(code.base64EncodedString())"),
        ]
    }
}
