import PayCore
import PayFlow
import PayRecords

/// The counts of unfinished work. Each count reads an index of exactly this work.
enum BacklogStatements {
    /// The condition is the one of the index, so that the index is used.
    static let attempts = """
        SELECT channel, state, count(*) AS count FROM attempts
        WHERE state = 'creating' OR state = 'open' OR state = 'closing' OR state = 'exposed'
        GROUP BY channel, state ORDER BY channel, state
        """

    /// Without its name, SQLite would scan another index that is in the order of the groups.
    static let refunds = DialectText { dialect in
        """
        SELECT channel, state, count(*) AS count FROM refunds\(dialect.indexed(by: "refunds_to_ask"))
        WHERE ask_at IS NOT NULL GROUP BY channel, state ORDER BY channel, state
        """
    }

    static let disputes = "SELECT count(*) \(AttentionStatements.disputes)"

    static let deliveries = "SELECT count(*), min(waits_since) FROM deliveries WHERE state = 'pending'"

    static let parked = "SELECT count(*) \(AttentionStatements.parked)"

    /// The size of the database, in bytes, without the WAL.
    static let bytes = DialectText(
        sqlite: "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        postgres: "SELECT pg_database_size(current_database())")

    static let lastNotice = "SELECT max(received_at) FROM notices WHERE channel = ?"

    static func load(_ db: any Connection) throws -> Backlog {
        var backlog = Backlog()
        backlog.channels = try ChannelKindRows.kinds(db).keys.sorted()
        backlog.attempts = try counts(DialectText { _ in attempts }, AttemptStateName.init, db)
        backlog.refunds = try counts(refunds, RefundState.init, db)
        backlog.disputes = Int(try db.prepared(disputes).first { $0.integer(0) } ?? 0)
        if let (count, oldest) = try db.prepared(deliveries).first({ ($0.integer(0), instant($0, 1)) }) {
            (backlog.pendingDeliveries, backlog.oldestDelivery) = (Int(count), oldest)
        }
        backlog.parkedDeliveries = Int(try db.prepared(parked).first { $0.integer(0) } ?? 0)
        backlog.databaseBytes = Int(try db.prepared(bytes).first { $0.integer(0) } ?? 0)
        for channel in backlog.channels {
            backlog.lastNotices[channel] = try db.prepared(lastNotice).first([channel.name]) { instant($0, 0) } ?? nil
        }
        return backlog
    }

    private static func instant(_ row: any FoundRow, _ column: Int) -> Instant? {
        row.kind(column) == .integer ? Instant(milliseconds: row.integer(column)) : nil
    }

    private static let columns = Columns(table: "the unfinished work", names: ["channel", "state", "count"])

    private static func counts<State>(
        _ sql: DialectText, _ state: (String) -> State?, _ db: any Connection
    ) throws -> [Backlog.Count<State>] {
        try db.prepared(sql).all { found in
            let row = StoredRow(columns, key: "of a channel", in: found)
            return Backlog.Count(
                try row.value("channel", Channel.init), try row.value("state", state), Int(try row.integer("count")))
        }
    }
}
