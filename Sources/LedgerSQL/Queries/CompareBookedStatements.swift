import PayCore
import PayFlow
import PayRecords

/// The comparison of booked money with the bills, in the transaction that stores the results.
struct CompareBookedStatements {
    let channel: Channel
    let day: BillDay
    let now: Instant
    let db: any Connection

    /// A payment or a refund in the books, with its place among the money of its day.
    private struct Booked {
        let place: BookedPlace
        let finding: DifferenceFinding
        let bills: ExpectedBills
        let isInABill: Bool
    }

    /// Nothing is missing before the next day's bill is loaded.
    func compare(_ kind: BookedKind, behind place: BookedPlace?, limit: Int) throws -> ComparedBooked {
        guard try BillRows.isLoaded(channel, day.next, db) else { return ComparedBooked(opened: [], next: nil) }
        let booked = try load(kind, behind: place, limit: limit)
        var opened: [OpenedDifference] = []
        for entry in booked.entries where !entry.isInABill {
            let loaded = try BillRows.loadedDays(of: channel, from: entry.bills.first, to: entry.bills.last, db)
            guard loaded == entry.bills.count else { continue }
            if let new = try DifferenceRows.open(entry.finding, at: nil, of: channel, at: now, db) {
                opened.append(new)
            }
        }
        return ComparedBooked(opened: opened, next: booked.next)
    }

    /// Whether the day has money that no loaded bill has.
    func hasMissing() throws -> Bool {
        for kind in BookedKind.allCases {
            var place: BookedPlace?
            repeat {
                let booked = try load(kind, behind: place, limit: Self.page)
                if booked.entries.contains(where: { !$0.isInABill }) { return true }
                place = booked.next
            } while place != nil
        }
        return false
    }

    private static let page = 500

    private func load(
        _ kind: BookedKind, behind place: BookedPlace?, limit: Int
    ) throws -> (entries: [Booked], next: BookedPlace?) {
        switch kind {
        case .receipts: try receipts(behind: place, limit: limit)
        case .refunds: try refunds(behind: place, limit: limit)
        }
    }

    private static let receiptPlaces = Columns(table: "receipts", names: ["id"])

    private static let receiptsOfDay = """
        SELECT \(receiptPlaces.selected), \(ReceiptRows.columns.selected) FROM receipts
        WHERE channel = :channel AND (paid_at, id) > (:at, :id) AND paid_at < :end
        ORDER BY paid_at, id LIMIT :limit
        """

    private func receipts(
        behind place: BookedPlace?, limit: Int
    ) throws -> (entries: [Booked], next: BookedPlace?) {
        let start = place ?? BookedPlace(at: day.start, id: 0)
        let found = try db.prepared(Self.receiptsOfDay).all([
            channel.name, start.at.milliseconds, start.id, day.end.milliseconds, limit,
        ]) { found in
            let row = StoredRow(Self.receiptPlaces, key: "of a day", in: found)
            let recorded = try ReceiptRows.receipt(StoredRow(ReceiptRows.columns, key: "of a day", in: found, from: 1))
            return (BookedPlace(at: recorded.receipt.paidAt, id: try row.integer("id")), recorded)
        }
        let entries = try found.compactMap { place, recorded -> Booked? in
            guard let bills = recorded.expectedBills else { return nil }
            return Booked(
                place: place, finding: recorded.missingThere, bills: bills,
                isInABill: try BillLineRows.have(recorded.receipt, db))
        }
        return (entries, found.count == limit ? found.last?.0 : nil)
    }

    private static let refundPlaces = Columns(table: "refunds", names: ["id"])

    private static let refundsOfDay = """
        SELECT \(refundPlaces.selected), \(RefundRows.columns.selected) FROM refunds
        WHERE channel = :channel AND (refunded_at, id) > (:at, :id) AND refunded_at < :end AND refunded_at IS NOT NULL
        ORDER BY refunded_at, id LIMIT :limit
        """

    private func refunds(
        behind place: BookedPlace?, limit: Int
    ) throws -> (entries: [Booked], next: BookedPlace?) {
        let start = place ?? BookedPlace(at: day.start, id: 0)
        let found = try db.prepared(Self.refundsOfDay).all([
            channel.name, start.at.milliseconds, start.id, day.end.milliseconds, limit,
        ]) { found in
            let row = StoredRow(Self.refundPlaces, key: "of a day", in: found)
            let refund = try RefundRows.refund(StoredRow(RefundRows.columns, key: "of a day", in: found, from: 1))
            return (BookedPlace(at: refund.refundedAt ?? day.start, id: try row.integer("id")), refund)
        }
        let entries = try found.map { place, refund in
            Booked(
                place: place, finding: refund.missingThere(succeededAt: place.at),
                bills: refund.expectedBills(succeededAt: place.at),
                isInABill: try BillLineRows.have(refund, at: channel, db))
        }
        return (entries, found.count == limit ? found.last?.0 : nil)
    }
}
