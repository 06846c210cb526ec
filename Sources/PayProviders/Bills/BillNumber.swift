import PayCore

/// The numbers of a bill's rows.
enum BillNumber {
    /// No provider's number is longer.
    private static let longestNumber = 128

    /// A trade's, a payment's or a refund's number. Throws if the field is empty, too long, or has characters other
    /// than visible ASCII.
    static func name(_ text: String, _ column: String) throws(BillMistake) -> String {
        guard !text.isEmpty else { throw BillMistake(column, "empty") }
        guard text.isVisibleASCII(1...longestNumber) else { throw BillMistake(column, "not a number") }
        return text
    }

    /// The same; nil if the field is empty.
    static func optionalName(_ text: String, _ column: String) throws(BillMistake) -> String? {
        text.isEmpty ? nil : try name(text, column)
    }

    /// A sign and decimal yuan, in fen.
    static func fen(_ text: String, _ column: String) throws(BillMistake) -> (fen: Int64, isNegative: Bool) {
        let (digits, isNegative) = unsigned(text)
        guard let fen = AlipayMoney.fen(yuan: String(digits)) else { throw BillMistake(column, "not an amount") }
        return (fen, isNegative)
    }

    /// A sign and decimal major units, in millionths. Nil for an empty field, and for one that is not an amount: no rule
    /// depends on a fee.
    static func micros(_ text: String) -> Int64? {
        let (digits, isNegative) = unsigned(text)
        let parts = digits.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) }) else {
            return nil
        }
        let decimals = parts.count == 2 ? Array(parts[1]) : []
        guard parts[0].count <= 12, decimals.count <= 6 else { return nil }
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 6 - decimals.count)
        let micros = (Array(parts[0]) + decimals + zeros).decimalNumber
        return isNegative ? -micros : micros
    }

    private static func unsigned(_ text: String) -> (Substring, isNegative: Bool) {
        switch text.utf8.first {
        case UInt8(ascii: "-"): (text.dropFirst(), true)
        case UInt8(ascii: "+"): (text.dropFirst(), false)
        default: (text[...], false)
        }
    }
}
