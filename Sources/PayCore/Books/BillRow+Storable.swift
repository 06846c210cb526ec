extension BillRow {
    /// The longest number in a line: longer than any provider's.
    public static let longestNumber = 255

    /// The row as it is stored. A line with values that no provider's bill has is unreadable: the parser may have read
    /// another column.
    public var storable: BillRow {
        guard case .line(let line) = self, let why = line.oddValue else { return self }
        return .unreadable(row: line.row, why: why)
    }
}

extension BillLine {
    fileprivate var oddValue: String? {
        let numbers = [tradeNumber, transactionID, refundNumber, providerRefundID].compactMap { $0 }
        if numbers.contains(where: { $0.utf8.count > BillRow.longestNumber }) { return "a number is too long" }
        if !(1...Money.largestAmount).contains(amount) { return "the amount is out of range" }
        if !(1...16).contains(currencyCode.utf8.count) { return "the currency is not a code" }
        return nil
    }
}
