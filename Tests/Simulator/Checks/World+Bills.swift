import PayCore

extension World {
    /// When the last bill that has money of this world has been read twice, and its differences have ended.
    var lastBillIsRead: Instant {
        let moves = books.flatMap { books in books.trades.values.flatMap(\.moves) }
        guard setting.hasBills, let last = moves.max() else { return now }
        // A line, and money without a line, may wait for the bill of the next day.
        let day = BillDay(containing: last + .seconds(10)).next
        return day.end + setting.billsAt + .seconds(2 * 86_400 + 8 * 3_600)
    }

    /// After the last bill the books agree with the provider's.
    func checkBills(_ open: [Channel: [DifferenceKind: Int]]) {
        for (channel, kinds) in open.sorted(by: { $0.key < $1.key }) where !kinds.isEmpty {
            let text = kinds.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
            fail(.booksAgree, "differences with \(channel) are open: \(text)")
        }
        for order in watch.orders.values.sorted(by: { $0.number.text < $1.number.text }) {
            for recorded in order.receipts where recorded.standing != .returned {
                let receipt = recorded.receipt
                let there = books(receipt.channel).trades[receipt.tradeNumber]?.refunded(at: now) ?? 0
                let here = order.refunds(of: receipt).reduce(0) { $0 + ($1.state == .succeeded ? $1.money.amount : 0) }
                guard here != there else { continue }
                fail(
                    .booksAgree,
                    "of \(receipt.transactionID) \(here) went back here, and \(there) at \(receipt.channel)")
            }
        }
    }
}

extension Trade {
    /// When its money moved.
    fileprivate var moves: [Instant] {
        [payment?.paidAt].compactMap(\.self)
            + refunds.flatMap { [$0.acceptedAt, $0.arrivesAt, $0.isOverAt ?? $0.acceptedAt] }
    }
}
