import Crypto
import PayCore

/// A digest of a request's values. It does not depend on the spelling of the JSON.
enum Fingerprint {
    static func of(_ parts: [String?]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(512)
        for part in parts {
            // The length separates neighbours. A missing value differs from an empty one.
            if let part { text.append(Int64(part.utf8.count)) } else { text.append(UInt8(ascii: "-")) }
            text.append(UInt8(ascii: ":"))
            text += (part ?? "").utf8
            text.append(UInt8(ascii: ";"))
        }
        return SHA256.hash(data: text).withUnsafeBytes { Hexadecimal.text(of: $0) }
    }
}

extension FirstPayBody {
    var fingerprint: String {
        Fingerprint.of([
            number.text, userID.text, String(money.amount), money.currency.code, subject.text, channel?.name,
            terminal?.rawValue, expiresIn.map { String($0.wholeSeconds) }, payer?.openID, payer?.clientIP, returnURL,
        ])
    }
}

extension RepayBody {
    var fingerprint: String {
        Fingerprint.of([channel?.name, terminal?.rawValue, payer?.openID, payer?.clientIP, fresh ? "fresh" : nil])
    }
}
