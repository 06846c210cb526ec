import Foundation
import PayCore
import PayFlow

/// Signs what the merchant says: requests to WeChat, and the parameters that its SDKs hand over.
struct WeChatPaySigner: Sendable {
    static let scheme = "WECHATPAY2-SHA256-RSA2048"

    private let merchantID: String
    private let serialNumber: String
    private let key: RSASigningKey
    let nonce: @Sendable () -> String

    init(_ configuration: WeChatPayConfiguration, nonce: @escaping @Sendable () -> String) {
        merchantID = configuration.merchantID
        serialNumber = configuration.serialNumber
        key = configuration.signingKey
        self.nonce = nonce
    }

    /// The value of `Authorization` for a request. `target` is what stands on the request line, byte for byte, and
    /// `body` what is sent.
    func authorization(
        for method: ProviderRequest.Method, _ target: String, _ body: [UInt8], at now: Instant
    ) -> String {
        let timestamp = Self.timestamp(now)
        let nonce = nonce()
        let message = Array("\(method.rawValue)\n\(target)\n\(timestamp)\n\(nonce)\n".utf8) + body + Array("\n".utf8)
        let fields = [
            ("mchid", merchantID), ("nonce_str", nonce), ("timestamp", timestamp), ("serial_no", serialNumber),
            ("signature", sign(message)),
        ]
        return "\(Self.scheme) " + fields.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",")
    }

    /// The signature over lines that each end with a line feed, the last one too: what the SDKs of WeChat check.
    func sign(lines: [String]) -> String {
        sign(Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    /// In seconds, as every timestamp of WeChat's.
    static func timestamp(_ now: Instant) -> String {
        String(now.milliseconds / 1_000)
    }

    private func sign(_ message: [UInt8]) -> String {
        Data(key.sign(message)).base64EncodedString()
    }
}

enum WeChatPayNonce {
    private static let length = 32
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    /// 32 letters and digits from the system's generator, which is fit for secrets.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<length).map { _ in alphabet.randomElement(using: &generator)! })
    }
}

/// What a message of WeChat's says of its own signature, in its headers.
struct WeChatPaySignature: Sendable {
    /// How far a message's clock and ours may differ: at this much it is refused, as WeChat's own clients do.
    static let window = Duration.seconds(300)
    /// WeChat sends a wrong signature on purpose from time to time, which begins so, to see whether it is checked.
    private static let probe = "WECHATPAY/SIGNTEST/"
    private static let longestNonce = 128
    /// Digits of a timestamp in seconds: enough for some thirty thousand years, and never too large to count with.
    private static let longestTimestamp = 12

    let serial: String
    let signedAt: Instant
    private let timestamp: String
    private let nonce: String
    private let signature: String

    /// `values` tells every value that a header has, by its name. Nil when one is missing, comes twice or makes no sense,
    /// or when another kind of signature is named.
    init?(_ values: (String) -> [String]) {
        func one(_ name: String) -> String? {
            let found = values("Wechatpay-\(name)")
            return found.count == 1 && found[0].isVisible ? found[0] : nil
        }
        guard let timestamp = one("Timestamp"), let nonce = one("Nonce"), let signature = one("Signature"),
            let serial = one("Serial"), nonce.utf8.count <= Self.longestNonce,
            timestamp.utf8.count <= Self.longestTimestamp,
            timestamp.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let seconds = Int64(timestamp)
        else { return nil }
        // Where it isn't named, it is the one that APIv3 began with.
        let types = values("Wechatpay-Signature-Type")
        guard types.isEmpty || types == [WeChatPaySigner.scheme] else { return nil }
        self.timestamp = timestamp
        self.nonce = nonce
        self.signature = signature
        self.serial = serial
        signedAt = Instant(milliseconds: seconds * 1_000)
    }

    func isFresh(at now: Instant) -> Bool {
        now - signedAt < Self.window && signedAt - now < Self.window
    }

    func isValid(for body: [UInt8], by key: RSAVerifyingKey) -> Bool {
        // A probe is made of letters that base64 has too: it is refused by its name, not by the luck of its length. And
        // a signature has one spelling.
        guard !signature.hasPrefix(Self.probe), let bytes = Data(base64Encoded: signature),
            bytes.base64EncodedString() == signature
        else { return false }
        let message = Array("\(timestamp)\n\(nonce)\n".utf8) + body + Array("\n".utf8)
        return key.isSigned(message, by: Array(bytes))
    }
}

/// Whose signatures are believed: WeChat Pay's public key, its platform certificates, or both at once.
struct WeChatPayTrust: Sendable {
    let publicKey: WeChatPayConfiguration.PublicKey?
    let certificates: WeChatPayCertificates?

    enum Verdict: Hashable {
        case signed, tooOld, notSigned
        /// It names a key that is not known here.
        case unknownSerial
    }

    /// The key is chosen by its serial alone. A serial that is not known is noted, so that the certificates are fetched
    /// again.
    func verdict(on signature: WeChatPaySignature?, of body: [UInt8], at now: Instant) -> Verdict {
        guard let signature else { return .notSigned }
        guard signature.isFresh(at: now) else { return .tooOld }
        guard let key = key(signature.serial, at: now) else {
            certificates?.noteMissing()
            return .unknownSerial
        }
        return signature.isValid(for: body, by: key) ? .signed : .notSigned
    }

    private func key(_ serial: String, at now: Instant) -> RSAVerifyingKey? {
        if let publicKey, publicKey.id == serial { return publicKey.key }
        return certificates?.key(serial, at: now)
    }
}

extension WeChatPaySignature {
    init?(_ reply: ProviderReply) {
        self.init { name in
            reply.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }

    init?(_ notice: RawNotice) {
        self.init { name in
            notice.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }
}

extension String {
    /// Whether it has one character or more, all of them visible ASCII: what keeps a text on its own line.
    var isVisible: Bool { !isEmpty && utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}
