import PayCore
import PayFlow
import PayRecords

/// The table `differences`.
enum DifferenceRows {
    static let columns = Columns(
        table: "differences",
        names: [
            "id", "channel", "kind", "subject", "day", "row", "order_number", "trade_no", "transaction_id",
            "refund_no", "amount_here", "currency_here", "status_here", "amount_there", "currency_there",
            "status_there", "opened_at", "state", "note", "decided_by", "decided_at", "closed_at", "ending",
        ])

    private static let inserting = """
        INSERT INTO differences (
            channel, kind, subject, day, bill_id, load, row, order_number, trade_no, transaction_id, refund_no,
            amount_here, currency_here, status_here, amount_there, currency_there, status_there, opened_at
        )
        VALUES (
            :channel, :kind, :subject, :day, :bill, :load, :row, :order, :trade, :transaction, :refund, :amount_here,
            :currency_here, :status_here, :amount_there, :currency_there, :status_there, :now
        )
        RETURNING id
        """

    /// Opens a difference with the event that tells the merchant. Nil if the difference is open already, or if a person
    /// closed it.
    static func open(
        _ finding: DifferenceFinding, at place: LinePlace?, of channel: Channel, at now: Instant, _ db: any Connection
    ) throws -> OpenedDifference? {
        if let known = try latest(finding.subject, of: channel, db) {
            let isSame = known.finding.says(as: finding)
            switch known.state {
            case .closed where known.ending == .decided && isSame:
                return nil
            case .closed:
                break
            case .open, .explained:
                if isSame {
                    try move(known.id, to: place, db)
                    return nil
                }
                try close(finding.subject, of: channel, .replaced, at: now, db)
            }
        }
        let values: [(any Storable)?] = [
            channel.name, finding.kind.rawValue, finding.subject.text, finding.day.description, place?.bill,
            place?.load, place?.row, finding.order?.text, finding.tradeNumber, finding.transactionID,
            finding.refundNumber, finding.here?.amount, finding.here?.currencyCode, finding.here?.status,
            finding.there?.amount, finding.there?.currencyCode, finding.there?.status, now.milliseconds,
        ]
        let number = try db.prepared(inserting).first(values) { $0.integer(0) }
        guard let id = number.flatMap(DifferenceID.init) else {
            throw UnreadableRow(table: columns.table, key: finding.subject.text, column: "id")
        }
        if let order = finding.order {
            let event = OrderEvent(
                kind: .reconciliationDifference, tradeNumber: nil, transactionID: nil, differenceID: id, at: now)
            try OrderStore.lock(order, db)
            try EventRows.append([event], of: order, db)
        }
        return OpenedDifference(id: id, channel: channel, finding: finding)
    }

    /// The bill was loaded again, and the row may have moved.
    private static func move(_ id: DifferenceID, to place: LinePlace?, _ db: any Connection) throws {
        guard let place else { return }
        try db.prepared("UPDATE differences SET bill_id = ?, load = ?, row = ? WHERE id = ? AND state <> 'closed'")
            .run([place.bill, place.load, place.row, id.number])
    }

    /// Keeps a difference whose row waits again. Returns whether there is one.
    static func keep(
        _ subject: DifferenceSubject, at place: LinePlace, of channel: Channel, _ db: any Connection
    ) throws -> Bool {
        guard let known = try latest(subject, of: channel, db), known.state != .closed, known.row != nil else {
            return false
        }
        try move(known.id, to: place, db)
        return true
    }

    static func close(
        _ subject: DifferenceSubject, of channel: Channel, _ ending: DifferenceEnd, at now: Instant,
        _ db: any Connection
    ) throws {
        try db.prepared(
            """
            UPDATE differences SET state = 'closed', ending = ?, closed_at = ?
            WHERE channel = ? AND subject = ? AND state <> 'closed'
            """
        ).run([ending.rawValue, now.milliseconds, channel.name, subject.text])
    }

    /// Closes the differences of a bill's row. A row that found another partner has another subject.
    static func close(
        at place: LinePlace, except subject: DifferenceSubject? = nil, _ ending: DifferenceEnd, at now: Instant,
        _ db: any Connection
    ) throws {
        try db.prepared(
            """
            UPDATE differences SET state = 'closed', ending = ?, closed_at = ?
            WHERE bill_id = ? AND bill_id IS NOT NULL AND load = ? AND row = ? AND subject <> ? AND state <> 'closed'
            """
        ).run([
            ending.rawValue, now.milliseconds, place.bill, place.load, place.row, subject?.text ?? "",
        ])
    }

    /// The number of differences about rows of a load that can't be read.
    static func unreadableRows(of bill: BillRows.Loaded, _ db: any Connection) throws -> Int {
        let count = try db.prepared(
            """
            SELECT count(*) FROM differences
            WHERE bill_id = ? AND bill_id IS NOT NULL AND load = ? AND substr(subject, 1, 4) = 'row:' AND state <> 'closed'
            """
        ).first([bill.id, bill.load]) { $0.integer(0) }
        return Int(count ?? 0)
    }

    /// Closes the differences of rows that an earlier load of the bill had, and the latest has not.
    static func closeWithdrawn(of bill: UncomparedBill, at now: Instant, _ db: any Connection) throws {
        try db.prepared(
            """
            UPDATE differences SET state = 'closed', ending = 'withdrawn', closed_at = ?
            WHERE bill_id = ? AND bill_id IS NOT NULL AND load < ? AND state <> 'closed'
            """
        ).run([now.milliseconds, bill.bill, bill.load])
    }

    /// A difference that a bill's row shows.
    struct Shown {
        let state: DifferenceState
        let openedAt: Instant
    }

    private static let shownColumns = Columns(table: "differences", names: ["state", "opened_at"])
    private static let shownSelection = """
        SELECT \(shownColumns.selected) FROM differences
        WHERE bill_id = ? AND bill_id IS NOT NULL AND load = ? AND row = ? AND state <> 'closed'
        """

    /// Nil without a difference that is not closed.
    static func shown(at place: LinePlace, _ db: any Connection) throws -> Shown? {
        try db.prepared(shownSelection).first([place.bill, place.load, place.row]) { found in
            let row = StoredRow(shownColumns, key: "of a row", in: found)
            return Shown(
                state: try row.value("state", DifferenceState.init), openedAt: try row.instant("opened_at"))
        }
    }

    private static let missingRefundSelection = """
        SELECT \(columns.selected) FROM differences
        WHERE channel = ? AND kind = 'refund_missing_there' AND state IN ('open', 'explained') ORDER BY id LIMIT ?
        """

    /// The differences about refunds that no bill has, the oldest first.
    static func missingRefunds(of channel: Channel, limit: Int, _ db: any Connection) throws -> [DifferenceFinding] {
        try db.prepared(missingRefundSelection).all([channel.name, limit]) { try difference($0).finding }
    }

    private static let latestSelection = """
        SELECT \(columns.selected) FROM differences WHERE channel = ? AND subject = ? ORDER BY id DESC LIMIT 1
        """

    private static func latest(
        _ subject: DifferenceSubject, of channel: Channel, _ db: any Connection
    ) throws -> RecordedDifference? {
        try db.prepared(latestSelection).first([channel.name, subject.text]) { try difference($0) }
    }

    private static let selection = "SELECT \(columns.selected) FROM differences WHERE id = ?"

    static func load(_ id: DifferenceID, _ db: any Connection) throws -> RecordedDifference? {
        try db.prepared(selection).first([id.number]) { try difference($0) }
    }

    static func difference(_ found: any FoundRow) throws -> RecordedDifference {
        let unnamed = StoredRow(columns, key: "of a list", in: found)
        guard let id = DifferenceID(try unnamed.integer("id")) else { throw unnamed.unreadable("id") }
        let row = unnamed.renamed("\(id)")
        return RecordedDifference(
            id: id, channel: try row.value("channel", Channel.init), finding: try finding(row),
            row: try row.optionalInteger("row").map { Int($0) }, openedAt: try row.instant("opened_at"),
            state: try row.value("state", DifferenceState.init), decision: try decision(row),
            closedAt: try row.optionalInstant("closed_at"),
            ending: try row.optionalValue("ending", DifferenceEnd.init))
    }

    private static func finding(_ row: StoredRow) throws -> DifferenceFinding {
        DifferenceFinding(
            try row.value("kind", DifferenceKind.init), DifferenceSubject(text: try row.text("subject")),
            day: try row.value("day", BillDay.init), order: try row.optionalValue("order_number", OrderNumber.init),
            tradeNumber: try row.optionalText("trade_no"), transactionID: try row.optionalText("transaction_id"),
            refundNumber: try row.optionalText("refund_no"), here: try money(row, "here"),
            there: try money(row, "there"))
    }

    private static func money(_ row: StoredRow, _ side: String) throws -> BookedMoney? {
        guard let amount = try row.optionalInteger("amount_\(side)") else { return nil }
        return BookedMoney(
            amount: amount, currencyCode: try row.text("currency_\(side)"), status: try row.text("status_\(side)"))
    }

    private static func decision(_ row: StoredRow) throws -> RecordedDifference.Decision? {
        guard let note = try row.optionalValue("note", DifferenceNote.init) else { return nil }
        return RecordedDifference.Decision(
            note: note, by: try row.value("decided_by", PersonName.init), at: try row.instant("decided_at"))
    }
}

extension DifferenceFinding {
    /// Whether two findings about one subject tell a person the same.
    fileprivate func says(as other: DifferenceFinding) -> Bool {
        kind == other.kind && here?.amount == other.here?.amount && here?.currencyCode == other.here?.currencyCode
            && there?.amount == other.there?.amount && there?.currencyCode == other.there?.currencyCode
    }
}
