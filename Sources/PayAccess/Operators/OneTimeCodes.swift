import Crypto
import Foundation
package import PayCore

/// One-time codes by time (RFC 6238): six digits, SHA-1, 30 seconds. Every authenticator app makes them.
package enum OneTimeCodes {
    /// In seconds.
    private static let stepLength: Int64 = 30
    private static let digits = 6
    private static let secretLength = 20

    /// A new secret, in base32.
    package static func makeSecret() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base32.encode((0..<secretLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// The time step whose code this is. A code is accepted one step early and one late, for clocks that differ. Takes the
    /// same time for every wrong code.
    package static func step(of code: String, by secret: String, at now: Instant) -> Int64? {
        guard let key = Base32.decode(secret) else { return nil }
        let given = code.filter { $0 != " " }
        let present = now.milliseconds / 1_000 / stepLength
        var found: Int64?
        for step in (present - 1)...(present + 1) {
            if SecretBytes.areEqual(self.code(of: step, key: key).utf8, given.utf8) { found = step }
        }
        return found
    }

    /// The code of a time step.
    package static func code(of step: Int64, key: [UInt8], digits: Int = digits) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
        let mac = Array(HMAC<Insecure.SHA1>.authenticationCode(for: Data(counter), using: SymmetricKey(data: key)))
        let start = Int(mac[mac.count - 1] & 0x0F)
        let number = mac[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % UInt32(pow(10, Double(digits))))
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The code of a secret at an instant, as the operator's app shows it.
    package static func code(by secret: String, at now: Instant) -> String? {
        Base32.decode(secret).map { code(of: now.milliseconds / 1_000 / stepLength, key: $0) }
    }

    /// The address that an authenticator app reads from a QR code.
    package static func address(of secret: String, for name: OperatorName) -> String {
        "otpauth://totp/Paypage:\(name.text.percentEncoded)?secret=\(secret)&issuer=Paypage"
    }
}

/// Base32 without padding (RFC 4648 section 6).
private enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for byte in bytes {
            held = (held << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(held >> UInt32(bits) & 0x1F)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(held << UInt32(5 - bits) & 0x1F)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for a foreign character.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            held = (held << 5 | UInt32(value)) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            }
        }
        return bytes
    }
}
