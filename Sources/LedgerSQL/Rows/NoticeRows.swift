package import PayCore
package import PayFlow
import PayRecords

/// The table `notices`.
package enum NoticeRows {
    package static let columns = Columns(
        table: "notices",
        names: ["channel", "notice_id", "trade_no", "order_number", "body", "outcome", "received_at"])

    /// A repeated notice keeps its first outcome, except an orphan, which may find its order later.
    private static let storing = """
        \(columns.insertion)
        ON CONFLICT (channel, notice_id) DO UPDATE
        SET order_number = excluded.order_number, outcome = excluded.outcome
        WHERE notices.outcome = 'orphan' AND excluded.outcome <> 'orphan'
        """

    static func store(
        _ notice: StoredNotice, about order: OrderNumber?, _ action: SettleAction, at now: Instant, _ db: any Connection
    ) throws {
        try db.prepared(storing).run(values(of: notice, about: order, action, at: now))
    }

    /// The values of ``columns``.
    package static func values(
        of notice: StoredNotice, about order: OrderNumber?, _ action: SettleAction, at now: Instant
    ) -> [StoredValue?] {
        [
            notice.channel.name.stored, notice.id.stored, notice.tradeNumber.stored,
            action == .unknownTrade ? nil : order?.text.stored, notice.body.stored, action.outcome.rawValue.stored,
            now.milliseconds.stored,
        ]
    }
}
