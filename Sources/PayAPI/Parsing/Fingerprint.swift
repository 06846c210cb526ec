import Crypto
import PayCore

/// A digest of a request's values. It does not depend on the spelling of the JSON.
enum Fingerprint {
    static func of(_ parts: [String?]) -> String {
        var hash = SHA256()
        for part in parts {
            // The length separates neighbours. A missing value differs from an empty one.
            hash.update(data: Array("\(part.map { String($0.utf8.count) } ?? "-"):\(part ?? "");".utf8))
        }
        return Hexadecimal.text(of: hash.finalize())
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
