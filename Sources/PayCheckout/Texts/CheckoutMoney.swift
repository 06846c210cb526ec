import Foundation
import PayCore

extension CheckoutLanguage {
    /// An amount in the locale's format: `CN¥99.00`, `¥99.00`.
    func text(_ money: Money) -> String {
        let minorUnits = Decimal(money.amount)
        let amount = minorUnits / pow(Decimal(10), money.currency.decimals)
        let text = amount.formatted(
            .currency(code: money.currency.code).precision(.fractionLength(money.currency.decimals)).locale(locale))
        return self == .arabic ? Self.leftToRight(text) : text
    }

    /// Isolated from the text around it (UAX #9). From right to left, the sign of `CN¥` would move ahead of its letters.
    private static func leftToRight(_ amount: String) -> String {
        "\u{2066}\(amount.drop { $0 == "\u{200F}" })\u{2069}"
    }

    /// A time in UTC, for browsers without a script. The script replaces it with local time.
    func text(_ instant: Instant) -> String {
        var style = Date.FormatStyle(date: .abbreviated, time: .shortened, locale: locale)
        style.timeZone = .gmt
        return "\(Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000).formatted(style)) UTC"
    }
}
