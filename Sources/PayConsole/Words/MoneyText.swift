import PayCore

/// Amounts as operators read and write them: in the currency's major unit, with its code.
enum MoneyText {
    /// `1,234.50 CNY`
    static func text(_ money: Money) -> String {
        "\(digits(money.amount, decimals: money.currency.decimals)) \(money.currency.code)"
    }

    /// An amount in a currency that a provider names. Of an unknown currency, the minor units are shown.
    static func text(_ amount: Int64, _ currencyCode: String) -> String {
        guard let currency = Currency(currencyCode) else { return "\(amount) \(currencyCode)" }
        return "\(digits(amount, decimals: currency.decimals)) \(currency.code)"
    }

    /// The amount alone, as a person writes it: `1234.50`.
    static func input(_ amount: Int64, _ currency: Currency) -> String {
        digits(amount, decimals: currency.decimals, groups: false)
    }

    /// Reads an amount in the major unit: digits, and at most as many decimals behind a point as the currency has. Nil for
    /// anything else, such as `1,50`: a comma separates thousands for some, and decimals for others.
    static func parse(_ text: String, _ currency: Currency) -> Money? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, (1...13).contains(whole.utf8.count) else { return nil }
        let decimals = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || !decimals.isEmpty, decimals.utf8.count <= currency.decimals,
            (whole + decimals).utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        let zeros = String(repeating: "0", count: currency.decimals - decimals.utf8.count)
        return Int64(whole + decimals + zeros).flatMap { Money(amount: $0, currency: currency) }
    }

    private static func digits(_ amount: Int64, decimals: Int, groups: Bool = true) -> String {
        let digits = String(amount.magnitude)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        var whole = String(padded.dropLast(decimals))
        if groups {
            for place in stride(from: whole.count - 3, to: 0, by: -3) {
                whole.insert(",", at: whole.index(whole.startIndex, offsetBy: place))
            }
        }
        let sign = amount < 0 ? "-" : ""
        return decimals > 0 ? "\(sign)\(whole).\(padded.suffix(decimals))" : sign + whole
    }
}
