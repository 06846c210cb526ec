import GRDB
import PayCore
import PayFlow

/// The table `idempotency_keys`.
enum KeyRows {
    static let columns = Columns(
        table: "idempotency_keys",
        names: ["scope", "key", "fingerprint", "trade_no", "made_order", "expires_at"])

    private static let selection = """
        SELECT \(columns.selected) FROM idempotency_keys WHERE scope = ? AND key = ? AND expires_at > ?
        """

    /// The first request of its key wins while it is kept: another one replaces it only when its time is over. The same
    /// request again, whose page was lost, refers to what it came to now.
    private static let storing = """
        \(columns.insertion)
        ON CONFLICT (scope, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, trade_no = excluded.trade_no,
            made_order = iif(expires_at <= :now, excluded.made_order, max(made_order, excluded.made_order)),
            expires_at = max(expires_at, excluded.expires_at)
        WHERE expires_at <= :now OR fingerprint = excluded.fingerprint
        """

    static func load(_ key: ScopedKey, at now: Instant, _ db: Database) throws -> KeyRecord? {
        try db.prepared(selection).first([key.scope, key.key.text, now.milliseconds]) { found in
            let row = StoredRow(columns, key: key.scope, in: found)
            return KeyRecord(
                use: KeyUse(key: key, fingerprint: try row.text("fingerprint")),
                tradeNumber: try row.value("trade_no", TradeNumber.init), madeOrder: try row.flag("made_order"),
                expiresAt: try row.instant("expires_at"))
        }
    }

    static func store(_ record: KeyRecord, at now: Instant, _ db: Database) throws {
        try db.prepared(storing).run([
            record.use.key.scope, record.use.key.key.text, record.use.fingerprint, record.tradeNumber.text,
            record.madeOrder, record.expiresAt.milliseconds, now.milliseconds,
        ])
    }
}
