package import PayCore
import PayFlow
import PayRecords

/// The table `channel_pauses`, and the open work of channels.
package enum ChannelRows {
    private static let columns = Columns(table: "channel_pauses", names: ["channel", "paused_at"])

    package static let selection = "SELECT \(columns.selected) FROM channel_pauses ORDER BY channel"
    private static let listing = NumberedSQL(selection)
    private static let insertion = "\(columns.insertion) ON CONFLICT (channel) DO NOTHING"
    private static let deletion = "DELETE FROM channel_pauses WHERE channel = ?"

    /// The open work of all channels, or of one: attempts that may take money, attempts that are over but whose last
    /// query is still due (without that query their orders never expire), and refunds in progress. Counted in the partial
    /// indexes of this work.
    package static let undecided = work(where: "")
    package static let undecidedOfOne = work(where: "channel = :channel AND ")

    private static func work(where condition: String) -> DialectText {
        DialectText { dialect in
            """
            SELECT channel, sum(attempts), sum(refunds) FROM (
                SELECT channel, count(*) AS attempts, 0 AS refunds
                FROM attempts\(dialect.indexed(by: "attempts_in_work"))
                WHERE \(condition)(state = 'creating' OR state = 'open' OR state = 'closing' OR state = 'exposed')
                GROUP BY channel
                UNION ALL
                SELECT channel, count(*), 0 FROM attempts\(dialect.indexed(by: "attempts_over_to_ask"))
                WHERE \(condition)ask_at IS NOT NULL AND (state = 'closed' OR state = 'failed') GROUP BY channel
                UNION ALL
                SELECT channel, 0, count(*) FROM refunds\(dialect.indexed(by: "refunds_to_ask"))
                WHERE \(condition)ask_at IS NOT NULL GROUP BY channel
            ) AS work
            GROUP BY channel ORDER BY channel
            """
        }
    }

    private static let undecidedColumns = Columns(
        table: "what is undecided", names: ["channel", "attempts", "refunds"])

    static func pauses(_ db: any Connection) throws -> [Channel: Instant] {
        Dictionary(try db.prepared(listing).all { try pause($0) }) { first, _ in first }
    }

    package static func pause(_ found: any FoundRow) throws -> (Channel, Instant) {
        let row = StoredRow(columns, key: "of a paused channel", in: found)
        return (try row.value("channel", Channel.init), try row.instant("paused_at"))
    }

    static func pause(_ channel: Channel, at now: Instant, _ db: any Connection) throws -> Bool {
        try db.prepared(insertion).run([channel.name, now.milliseconds])
        return db.changes == 1
    }

    static func resume(_ channel: Channel, _ db: any Connection) throws -> Bool {
        try db.prepared(deletion).run([channel.name])
        return db.changes == 1
    }

    static func work(_ db: any Connection) throws -> [ChannelWork] {
        try work(undecided, [], db)
    }

    static func work(of channel: Channel, _ db: any Connection) throws -> [ChannelWork] {
        try work(undecidedOfOne, [channel.name], db)
    }

    private static func work(
        _ sql: DialectText, _ values: [(any Storable)?], _ db: any Connection
    ) throws -> [ChannelWork] {
        try db.prepared(sql).all(values) { found in
            let row = StoredRow(undecidedColumns, key: "of a channel", in: found)
            return ChannelWork(
                channel: try row.value("channel", Channel.init), attempts: Int(try row.integer("attempts")),
                refunds: Int(try row.integer("refunds")))
        }
    }
}
