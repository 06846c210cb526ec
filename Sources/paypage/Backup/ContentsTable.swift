import PayAPI
import PayCore
import PayFlow
import SQLiteStore

/// The contents of a copy, as a table.
struct ContentsTable {
    private let contents: BackupContents

    init(_ contents: BackupContents) {
        self.contents = contents
    }

    var text: String {
        let facts: [(String, String)] = [
            ("orders", "\(contents.rows["orders"] ?? 0)"), ("payments", "\(contents.rows["receipts"] ?? 0)"),
            ("refunds", "\(contents.rows["refunds"] ?? 0)"),
            ("last change", contents.changedAt.map { "\(UTCTime($0))" } ?? "none"),
            ("open orders", "\(contents.openOrders)"),
            ("attempts that may take money", "\(contents.attemptsThatMayTakeMoney)"),
            ("refunds under way", "\(contents.refundsUnderWay)"),
            ("undelivered messages", "\(contents.pendingMessages)"),
            ("restores before", "\(contents.restores.last?.number ?? 0)"),
            ("migrations to apply", "\(contents.pendingMigrations.count)"),
        ]
        return TextTable(head: ["CONTENT", "VALUE"], rows: facts.map { [$0.0, $0.1] }).text
    }
}

struct ContentsJSON: Encodable {
    let rows: [String: Int]
    let changed_at: String?
    let open_orders: Int
    let attempts_that_may_take_money: Int
    let refunds_under_way: Int
    let undelivered_messages: Int
    let restores: Int
    let pending_migrations: [String]

    init(_ contents: BackupContents) {
        rows = contents.rows
        changed_at = contents.changedAt.map { "\(UTCTime($0))" }
        open_orders = contents.openOrders
        attempts_that_may_take_money = contents.attemptsThatMayTakeMoney
        refunds_under_way = contents.refundsUnderWay
        undelivered_messages = contents.pendingMessages
        restores = contents.restores.last?.number ?? 0
        pending_migrations = contents.pendingMigrations
    }
}
