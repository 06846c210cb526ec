import Crypto
import PayCore
import PayFlow

/// Checks the signature of a notice: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>][,v0=<hex>]`, where each `v1` is an
/// HMAC-SHA256 of `<t>.<body>` by one of the endpoint's secrets (there are two while a secret is exchanged).
struct StripeNoticeVerifier: Sendable {
    static let header = "Stripe-Signature"

    /// A notice that was signed longer ago than this, or is to be signed that far ahead, is not believed: it may be an
    /// old one that somebody kept. Stripe's own libraries wait as long, but believe any future.
    static let window = Duration.seconds(5 * 60)

    /// Stripe's own are under 300 bytes; nobody makes us parse more, or try more signatures.
    private static let longestHeader = 2_048
    private static let mostSignatures = 16

    private let key: SymmetricKey

    /// The secret is taken as it is shown, `whsec_` included: it is no base64.
    init(secret: Secret) {
        key = SymmetricKey(data: Array(secret.reveal().utf8))
    }

    func check(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) {
        guard let header = notice.header(Self.header), let signature = Self.read(header) else { throw .badSignature }
        let signed = Array("\(signature.timestamp).".utf8) + notice.body
        // swift-crypto compares in constant time. All are compared, so that none says which one was right.
        let right = signature.codes.filter {
            HMAC<SHA256>.isValidAuthenticationCode($0, authenticating: signed, using: key)
        }
        guard !right.isEmpty else { throw .badSignature }
        guard let signedAt = Int64(signature.timestamp).map(Instant.init(clampingSeconds:)),
            ((now - Self.window)...(now + Self.window)).contains(signedAt)
        else { throw .tooOld }
    }

    private struct Signature {
        /// As it came, because it is signed as it came.
        let timestamp: String
        let codes: [[UInt8]]
    }

    /// Nil without exactly one time. Schemes other than `v1` are passed over: `v0` is for tests, and not secret.
    private static func read(_ header: String) -> Signature? {
        guard header.utf8.count <= longestHeader else { return nil }
        let fields = header.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
        let named = { (name: String) in fields.filter { $0.count == 2 && $0[0] == name }.map { $0[1] } }
        let times = named("t")
        guard times.count == 1, (1...12).contains(times[0].utf8.count),
            times[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Signature(
            timestamp: String(times[0]),
            codes: named("v1").prefix(mostSignatures).compactMap { HexadecimalCode.bytes(of: $0) })
    }
}
