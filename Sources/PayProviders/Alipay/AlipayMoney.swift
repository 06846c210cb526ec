import PayCore

/// Alipay's notation of an amount: decimal yuan. Computed in whole fen, without floating point.
enum AlipayMoney {
    /// Sixteen digits of fen always fit an `Int64`.
    private static let mostDigits = 16

    /// `fen` with two decimals, as in `0.10`. `fen` must not be negative.
    static func yuan(fen: Int64) -> String {
        let cents = fen % 100
        return "\(fen / 100).\(cents < 10 ? "0" : "")\(cents)"
    }

    /// Parses digits with at most one point between them. Nil for anything else: a sign, an exponent, fractions of a
    /// fen, or an amount that is too large.
    static func fen(yuan: String) -> Int64? {
        let parts = yuan.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) }) else {
            return nil
        }
        let decimals = parts.count == 2 ? Array(parts[1]) : []
        guard decimals.dropFirst(2).allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        let cents = (decimals + Array("00".utf8)).prefix(2)
        let digits = parts[0].drop { $0 == UInt8(ascii: "0") } + cents
        guard digits.count <= mostDigits else { return nil }
        return digits.decimalNumber
    }
}
