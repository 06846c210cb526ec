import Crypto
import PayCore

/// A digest of what a request says: the same for the same request, however its JSON is spelled.
enum Fingerprint {
    static func of(_ parts: [String?]) -> String {
        var text: [UInt8] = []
        for part in parts {
            // The length keeps neighbours apart; what is left out differs from what is empty.
            text += (part.map { String($0.utf8.count) } ?? "-").utf8
            text.append(UInt8(ascii: ":"))
            text += (part ?? "").utf8
            text.append(UInt8(ascii: ";"))
        }
        return SHA256.hash(data: text).hexText
    }
}

extension FirstPayBody {
    var fingerprint: String {
        Fingerprint.of([
            number.text, userID.text, String(money.amount), money.currency.code, subject.text, channel.name,
            terminal.rawValue, expiresIn.map { String($0.wholeSeconds) }, payer?.openID, payer?.clientIP, returnURL,
        ])
    }
}

extension RepayBody {
    var fingerprint: String {
        Fingerprint.of([channel?.name, terminal?.rawValue, payer?.openID, payer?.clientIP, fresh ? "fresh" : nil])
    }
}

extension Sequence<UInt8> {
    /// Two hexadecimal digits a byte.
    var hexText: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * underestimatedCount)
        for byte in self {
            digits.append(.hexDigit(UInt64(byte >> 4)))
            digits.append(.hexDigit(UInt64(byte & 15)))
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
