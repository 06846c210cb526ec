import PayCore
import PayFlow
import PayRecords

/// The table `bill_lines`.
enum BillLineRows {
    private static let columns = Columns(
        table: "bill_lines",
        names: [
            "bill_id", "load", "row", "standing", "kind", "status", "trade_no", "transaction_id", "refund_no",
            "provider_refund_id", "amount", "currency_code", "fee_micros", "at", "words",
        ])

    private static let longestWords = 200

    static func insert(_ row: BillRow, under claim: BillClaim, _ db: any Connection) throws {
        let place: [(any Storable)?] = [claim.bill, claim.number, row.row]
        let nothing: [(any Storable)?] = Array(repeating: nil, count: 10)
        switch row {
        case .line(let line):
            try db.prepared(columns.insertion).run(
                place + [
                    RowStanding.waiting.rawValue, line.kind.rawValue, line.status.rawValue, line.tradeNumber,
                    line.transactionID, line.refundNumber, line.providerRefundID, line.amount, line.currencyCode,
                    line.feeMicros, line.at.milliseconds, nil,
                ])
        case .other(_, let type):
            try db.prepared(columns.insertion).run(
                place + [RowStanding.other.rawValue] + nothing + [words(type)])
        case .unreadable(_, let why):
            try db.prepared(columns.insertion).run(
                place + [RowStanding.unreadable.rawValue] + nothing + [words(why)])
        }
    }

    private static func words(_ text: String) -> String {
        text.isEmpty ? "-" : String(text.unicodeScalars.prefix(longestWords))
    }

    static func count(of bill: Int64, load: Int64, _ db: any Connection) throws -> Int {
        Int(
            try db.prepared("SELECT count(*) FROM bill_lines WHERE bill_id = ? AND load = ?")
                .first([bill, load]) { $0.integer(0) } ?? 0)
    }

    private static let deletingStale = """
        DELETE FROM bill_lines WHERE (bill_id, load, row) IN (
            SELECT bill_lines.bill_id, bill_lines.load, bill_lines.row
            FROM bills JOIN bill_lines ON bill_lines.bill_id = bills.id AND bill_lines.load > bills.load
            WHERE bills.channel = :channel AND (bill_lines.load < bills.claim OR bills.claimed_by IS NULL)
            LIMIT :limit
        )
        """

    /// Deletes rows of loads that never counted, and returns their number.
    static func deleteStale(of channel: Channel, limit: Int, _ db: any Connection) throws -> Int {
        try db.prepared(deletingStale).run([channel.name, limit])
        return db.changes
    }

    /// A stored line with its place.
    struct Found {
        let place: LinePlace
        /// Nil for a row that can't be read.
        let line: BillLine?
    }

    /// The planner would read all lines of the bill by the primary key, and most lines match.
    static let selection = DialectText { dialect in
        """
        SELECT \(columns.selected) FROM bill_lines\(dialect.indexed(by: "bill_lines_unmatched"))
        WHERE bill_id = :bill AND load = :load AND standing = :standing AND standing <> 'matched' AND row > :row
        ORDER BY row LIMIT :limit
        """
    }

    /// Lines of a bill with this standing, behind a row.
    static func load(
        of bill: BillRows.Loaded, _ standing: RowStanding, behind row: Int, limit: Int, _ db: any Connection
    ) throws -> [Found] {
        try db.prepared(selection).all([bill.id, bill.load, standing.rawValue, row, limit]) { try found($0) }
    }

    private static let oneSelection = """
        SELECT \(columns.selected) FROM bill_lines WHERE bill_id = ? AND load = ? AND row = ?
        """

    static func load(at place: LinePlace, _ db: any Connection) throws -> Found? {
        try db.prepared(oneSelection).first([place.bill, place.load, place.row]) { try found($0) }
    }

    private static func found(_ found: any FoundRow) throws -> Found {
        let row = StoredRow(columns, key: "of a bill", in: found)
        let number = Int(try row.integer("row"))
        let place = LinePlace(
            bill: try row.integer("bill_id"), load: try row.integer("load"),
            standing: try row.value("standing", RowStanding.init), row: number)
        guard let kind = try row.optionalValue("kind", BillLine.Kind.init) else {
            return Found(place: place, line: nil)
        }
        let line = BillLine(
            row: number, kind: kind, status: try row.value("status", BillLine.Status.init),
            tradeNumber: try row.text("trade_no"), transactionID: try row.optionalText("transaction_id"),
            refundNumber: try row.optionalText("refund_no"),
            providerRefundID: try row.optionalText("provider_refund_id"), amount: try row.integer("amount"),
            currencyCode: try row.text("currency_code"), feeMicros: try row.optionalInteger("fee_micros"),
            at: try row.instant("at"))
        return Found(place: place, line: line)
    }

    static func set(_ standing: RowStanding, at place: LinePlace, _ db: any Connection) throws {
        guard standing != place.standing else { return }
        try db.prepared("UPDATE bill_lines SET standing = ? WHERE bill_id = ? AND load = ? AND row = ?")
            .run([standing.rawValue, place.bill, place.load, place.row])
    }

    private static let countingUnmatched = """
        SELECT standing, count(*) FROM bill_lines
        WHERE bill_id = ? AND load = ? AND standing <> 'matched' GROUP BY standing
        """

    private static let countColumns = Columns(table: "bill_lines", names: ["standing", "count"])

    static func unmatched(of bill: Int64, load: Int64, _ db: any Connection) throws -> [RowStanding: Int] {
        let counts = try db.prepared(countingUnmatched).all([bill, load]) { found in
            let row = StoredRow(countColumns, key: "of a bill", in: found)
            return (try row.value("standing", RowStanding.init), Int(try row.integer("count")))
        }
        return Dictionary(counts) { first, _ in first }
    }

    // MARK: The lines of booked money

    private static let ofPayment = """
        SELECT EXISTS (
            SELECT 1 FROM bill_lines JOIN bills ON bills.id = bill_lines.bill_id AND bills.load = bill_lines.load
            WHERE bill_lines.kind = 'payment' AND bill_lines.transaction_id = :transaction
                AND bill_lines.transaction_id IS NOT NULL AND bills.channel = :channel
        ) OR EXISTS (
            SELECT 1 FROM bill_lines JOIN bills ON bills.id = bill_lines.bill_id AND bills.load = bill_lines.load
            WHERE bill_lines.kind = 'payment' AND bill_lines.transaction_id IS NULL
                AND bill_lines.trade_no = :trade AND bills.channel = :channel
        )
        """

    /// Whether a loaded bill has the payment, whatever it says about it.
    static func have(_ receipt: Receipt, _ db: any Connection) throws -> Bool {
        try db.prepared(ofPayment).first([
            receipt.transactionID.text, receipt.channel.name, receipt.tradeNumber.text,
        ]) { $0.integer(0) == 1 } ?? false
    }
}
