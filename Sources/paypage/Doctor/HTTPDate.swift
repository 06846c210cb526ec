import Foundation
import PayCore

/// The time in a `Date` header (RFC 9110, IMF-fixdate): by the second.
enum HTTPDate {
    static func parse(_ text: String) -> Instant? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text).map { Instant(milliseconds: Int64($0.timeIntervalSince1970) * 1_000) }
    }
}
