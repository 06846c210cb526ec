import GRDB
import PayCore
import PayFlow

/// The table `notices`.
enum NoticeRows {
    static let columns = Columns(
        table: "notices",
        names: ["channel", "notice_id", "trade_no", "order_number", "body", "outcome", "received_at"])

    /// The same notice twice is one row, with what it first came to; only an orphan may yet find its order.
    private static let storing = """
        \(columns.insertion)
        ON CONFLICT (channel, notice_id) DO UPDATE
        SET order_number = excluded.order_number, outcome = excluded.outcome
        WHERE notices.outcome = 'orphan' AND excluded.outcome <> 'orphan'
        """

    static func store(
        _ notice: StoredNotice, about order: OrderNumber?, _ action: SettleAction, at now: Instant, _ db: Database
    ) throws {
        let statement = try db.cachedStatement(sql: storing)
        try statement.execute(arguments: [
            "channel": notice.channel.name, "notice_id": notice.id, "trade_no": notice.tradeNumber,
            "order_number": action == .unknownTrade ? nil : order?.text, "body": notice.body,
            "outcome": outcome(action), "received_at": now.milliseconds,
        ])
    }

    private static func outcome(_ action: SettleAction) -> String {
        switch action {
        case .paid: "paid"
        case .duplicate: "duplicate"
        case .late: "late"
        case .alreadyRecorded: "repeated"
        case .disputed: "disputed"
        case .unknownTrade: "orphan"
        case .afterLastWord(let action): outcome(action)
        }
    }
}
