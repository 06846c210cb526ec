import PayCore
import PayFlow
import PayRecords

/// The operator's lists of bills and differences, and decisions.
enum ReconciliationLists {
    private static let billColumns = Columns(
        table: "bills",
        names: [
            "id", "channel", "day", "state", "load", "digest", "rows", "loaded_at", "compared_at", "tried_at",
            "last_answer",
        ])

    /// A tilde sorts behind every day.
    private static let bills = """
        SELECT \(billColumns.selected) FROM bills
        WHERE channel = coalesce(:channel, channel) AND (day, channel) < (coalesce(:day, '~'), coalesce(:after, ''))
        ORDER BY day DESC, channel DESC LIMIT :limit
        """

    static func bills(_ listing: BillListing, _ db: any Connection) throws -> BillList {
        let limit = max(1, listing.limit)
        let found = try db.prepared(bills).all([
            listing.channel?.name, listing.after?.day.description, listing.after?.channel.name, limit + 1,
        ]) { try bill($0, db) }
        let shown = Array(found.prefix(limit))
        let next = found.count > limit ? shown.last.map { BillCursor(day: $0.day, channel: $0.channel) } : nil
        return BillList(bills: shown, next: next)
    }

    private static func bill(_ found: any FoundRow, _ db: any Connection) throws -> RecordedBill {
        let row = StoredRow(billColumns, key: "of a list", in: found)
        let (id, load) = (try row.integer("id"), try row.integer("load"))
        let rows = Int(try row.optionalInteger("rows") ?? 0)
        let unmatched = rows == 0 ? [:] : try BillLineRows.unmatched(of: id, load: load, db)
        return RecordedBill(
            channel: try row.value("channel", Channel.init), day: try row.value("day", BillDay.init),
            state: try row.value("state", BillState.init), digest: try row.optionalText("digest"),
            loadedAt: try row.optionalInstant("loaded_at"), comparedAt: try row.optionalInstant("compared_at"),
            triedAt: try row.optionalInstant("tried_at"), lastAnswer: try row.optionalText("last_answer"),
            figures: BillFigures(rows: rows, unmatched: unmatched))
    }

    /// Each filter that is given has its own text, so that the planner takes the index of a state or an order.
    static func differences(_ listing: DifferenceListing) -> String {
        let conditions = [
            listing.state.map { "state = '\($0.rawValue)'" }, listing.kind.map { "kind = '\($0.rawValue)'" },
            listing.channel.map { _ in "channel = :channel" }, listing.order.map { _ in "order_number = :order" },
            listing.after.map { _ in "id < :after" },
        ].compactMap { $0 }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return "SELECT \(DifferenceRows.columns.selected) FROM differences \(filter) ORDER BY id DESC LIMIT :limit"
    }

    static func differences(_ listing: DifferenceListing, _ db: any Connection) throws -> DifferenceList {
        let limit = max(1, listing.limit)
        var filters: [(any Storable)?] = []
        if let channel = listing.channel { filters.append(channel.name) }
        if let order = listing.order { filters.append(order.text) }
        if let after = listing.after { filters.append(after.number) }
        let found = try db.prepared(differences(listing)).all(filters + [limit + 1]) {
            try DifferenceRows.difference($0)
        }
        let shown = Array(found.prefix(limit))
        return DifferenceList(differences: shown, next: found.count > limit ? shown.last?.id : nil)
    }

    static func decide(
        _ decision: DifferenceDecision, by actor: Actor, at now: Instant, _ db: any Connection
    ) throws -> DecidedDifference? {
        guard let known = try DifferenceRows.load(decision.id, db) else { return nil }
        let next: DifferenceState =
            switch decision.verdict {
            case .explain: .explained
            case .close: .closed
            }
        guard known.state.mayBecome(next) else {
            // A repeated call, whose first answer was lost.
            let isRepeated =
                next == .closed && known.ending == .decided && known.decision?.note == decision.note
                && known.decision?.by == decision.by
            return isRepeated ? .decided(known) : .alreadyClosed(known)
        }
        let isClosed = next == .closed
        try db.prepared(
            """
            UPDATE differences
            SET state = ?, note = ?, decided_by = ?, decided_at = ?, closed_at = ?, ending = ?
            WHERE id = ?
            """
        ).run([
            next.rawValue, decision.note.text, decision.by.text, now.milliseconds, isClosed ? now.milliseconds : nil,
            isClosed ? DifferenceEnd.decided.rawValue : nil, decision.id.number,
        ])
        try AuditRows.append(decision.note(on: known, by: actor), at: now, db)
        return try DifferenceRows.load(decision.id, db).map(DecidedDifference.decided)
    }

    private static let countColumns = Columns(table: "differences", names: ["kind", "count"])

    static func open(of channel: Channel, _ db: any Connection) throws -> [DifferenceKind: Int] {
        let counts = try db.prepared(
            "SELECT kind, count(*) FROM differences WHERE state = 'open' AND channel = ? GROUP BY kind"
        ).all([channel.name]) { found in
            let row = StoredRow(countColumns, key: "of a count", in: found)
            return (try row.value("kind", DifferenceKind.init), Int(try row.integer("count")))
        }
        return Dictionary(counts) { first, _ in first }
    }
}

extension DifferenceDecision {
    /// The entry of the audit. The difference keeps the whole note.
    fileprivate func note(on difference: RecordedDifference, by actor: Actor) -> AuditNote {
        let finding = difference.finding
        return AuditNote(
            actor, verdict == .explain ? .differenceExplained : .differenceClosed, on: "\(id)", of: finding.order,
            because: RulingReason(String(note.text.prefix(RulingReason.longest))),
            detail: AuditNote.particulars(
                "\(difference.channel) \(finding.day) \(finding.kind.rawValue)", decidedBy: by, through: actor))
    }
}
