import Foundation
import PayCore
import PayFlow

/// Signs for the merchant: requests to WeChat, and the parameters of its SDKs.
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

    /// The value of `Authorization`. `target` is the path and query exactly as sent, and `body` the bytes sent.
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

    /// The signature over the lines, each terminated by a line feed, including the last. WeChat's SDKs verify it.
    func sign(lines: [String]) -> String {
        sign(Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    /// In seconds, like every timestamp of WeChat.
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

    /// 32 letters and digits from the system's secure random generator.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<length).map { _ in alphabet.randomElement(using: &generator)! })
    }
}

/// The signature headers of a message from WeChat.
struct WeChatPaySignature: Sendable {
    /// The largest difference between a message's timestamp and our clock. At this difference the message is refused,
    /// as in WeChat's own clients.
    static let window = Duration.seconds(300)
    /// The prefix of deliberately wrong signatures, which WeChat sends at times to test whether they are checked.
    private static let probe = "WECHATPAY/SIGNTEST/"
    private static let longestNonce = 128
    /// The most digits of a timestamp in seconds: enough for 30,000 years, without overflow.
    private static let longestTimestamp = 12

    let serial: String
    let signedAt: Instant
    private let timestamp: String
    private let nonce: String
    private let signature: String

    /// `values` returns all values of a header by its name. Nil if a header is missing, repeated or invalid, or names
    /// another type of signature.
    init?(_ values: (String) -> [String]) {
        func one(_ name: String) -> String? {
            let found = values("Wechatpay-\(name)")
            return found.count == 1 && found[0].isVisibleASCII() ? found[0] : nil
        }
        guard let timestamp = one("Timestamp"), let nonce = one("Nonce"), let signature = one("Signature"),
            let serial = one("Serial"), nonce.utf8.count <= Self.longestNonce,
            timestamp.utf8.count <= Self.longestTimestamp, timestamp.isASCIIDigits,
            let seconds = Int64(timestamp)
        else { return nil }
        // If the type is missing, APIv3's first type applies.
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
        // A probe consists of base64 letters and might decode, so its prefix is checked. The base64 must be canonical.
        guard !signature.hasPrefix(Self.probe), let bytes = Data(base64Encoded: signature),
            bytes.base64EncodedString() == signature
        else { return false }
        let message = Array("\(timestamp)\n\(nonce)\n".utf8) + body + Array("\n".utf8)
        return key.isSigned(message, by: Array(bytes))
    }
}

/// The keys that verify WeChat's messages: its public keys, its platform certificates, or both.
struct WeChatPayTrust: Sendable {
    let publicKeys: [WeChatPayConfiguration.PublicKey]
    let certificates: WeChatPayCertificates?

    enum Verdict: Hashable {
        case signed, tooOld, notSigned
        /// The message names an unknown key.
        case unknownSerial
    }

    /// Only the serial selects the key. An unknown serial triggers a new fetch of the certificates.
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
        publicKeys.first { $0.id == serial }?.key ?? certificates?.key(serial, at: now)
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
