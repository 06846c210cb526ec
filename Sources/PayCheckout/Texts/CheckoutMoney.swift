import Foundation
import PayCore

extension CheckoutLanguage {
    /// An amount in the locale's format: `CN¥99.00`, `¥99.00`.
    func text(_ money: Money) -> String {
        let minorUnits = Decimal(money.amount)
        let amount = minorUnits / pow(Decimal(10), money.currency.decimals)
        return amount.formatted(
            .currency(code: money.currency.code).precision(.fractionLength(money.currency.decimals)).locale(locale))
    }

    /// A time in UTC, for browsers without a script. The script replaces it with local time.
    func text(_ instant: Instant) -> String {
        var style = Date.FormatStyle(date: .abbreviated, time: .shortened, locale: locale)
        style.timeZone = .gmt
        return "\(Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000).formatted(style)) UTC"
    }
}
