import Crypto
import PayCore
import PayFlow

/// Verifies the signature of a notice: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>][,v0=<hex>]`. Each `v1` is the
/// HMAC-SHA256 of `<t>.<body>` with one of the endpoint's secrets. During a rotation there are two secrets, at Stripe and
/// here.
struct StripeNoticeVerifier: Sendable {
    static let header = "Stripe-Signature"

    /// A notice with a timestamp further in the past or future is refused, because it may be a replay. Stripe's own
    /// libraries use the same limit for the past and none for the future.
    static let window = Duration.seconds(5 * 60)

    /// Stripe's headers are under 300 bytes. The limit bounds the parsing and the number of signatures tried.
    private static let longestHeader = 2_048
    private static let mostSignatures = 16

    private let keys: [SymmetricKey]

    /// The secrets are used as whole texts, including `whsec_`. They are not base64.
    init(secrets: [Secret]) {
        keys = secrets.map { SymmetricKey(data: Array($0.reveal().utf8)) }
    }

    init(secret: Secret) {
        self.init(secrets: [secret])
    }

    func check(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) {
        guard let header = notice.header(Self.header), let signature = Self.read(header) else { throw .badSignature }
        let signed = Array("\(signature.timestamp).".utf8) + notice.body
        // swift-crypto compares in constant time. All codes are compared, so that the time does not show which one
        // matched.
        let right = keys.flatMap { key in
            signature.codes.filter { HMAC<SHA256>.isValidAuthenticationCode($0, authenticating: signed, using: key) }
        }
        guard !right.isEmpty else { throw .badSignature }
        guard let signedAt = Int64(signature.timestamp).map(Instant.init(clampingSeconds:)),
            ((now - Self.window)...(now + Self.window)).contains(signedAt)
        else { throw .tooOld }
    }

    private struct Signature {
        /// The raw text, because the signature covers the raw text.
        let timestamp: String
        let codes: [[UInt8]]
    }

    /// Nil unless there is exactly one timestamp. Schemes other than `v1` are ignored: `v0` is for tests and not
    /// secret.
    private static func read(_ header: String) -> Signature? {
        guard header.utf8.count <= longestHeader else { return nil }
        let fields = header.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
        let named = { (name: String) in fields.filter { $0.count == 2 && $0[0] == name }.map { $0[1] } }
        let times = named("t")
        guard times.count == 1, times[0].utf8.count <= 12, times[0].isASCIIDigits else { return nil }
        return Signature(
            timestamp: String(times[0]),
            codes: named("v1").prefix(mostSignatures).compactMap {
                Hexadecimal.bytes(SHA256.byteCount, ofLowercase: String($0))
            })
    }
}
