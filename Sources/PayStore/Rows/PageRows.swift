import GRDB
import PayCore

/// The table `pages`.
enum PageRows {
    static let columns = Columns(
        table: "pages",
        names: ["id", "trade_no", "terminal", "openid", "serves", "kind", "content", "minted_at", "expires_at"])

    private static let selection = """
        SELECT \(columns.selected) FROM attempts JOIN pages ON pages.trade_no = attempts.trade_no
        WHERE attempts.order_number = ? ORDER BY pages.id
        """

    /// An order's pages by their trade, each trade's in the order in which they were minted.
    static func load(of order: OrderNumber, _ db: Database) throws -> [TradeNumber: [Page]] {
        var pages: [TradeNumber: [Page]] = [:]
        for row in try Row.fetchAll(try db.cachedStatement(sql: selection), arguments: [order.text]) {
            let stored = StoredRow(columns, key: order.text, in: row)
            pages[try stored.value("trade_no", TradeNumber.init), default: []].append(try page(stored))
        }
        return pages
    }

    static func page(_ unnamed: StoredRow) throws -> Page {
        // Not by its payer: an openid is nobody's business in a log.
        let row = unnamed.renamed("\(try unnamed.integer("id"))")
        let serves = try row.integer("serves")
        guard (1...Terminal.everyBit).contains(serves) else { throw row.unreadable("serves") }
        return Page(
            kind: try row.value("kind", PageKind.init), content: try row.text("content"),
            terminal: try row.value("terminal", Terminal.init), openID: try row.text("openid"),
            serves: Set(Terminal.allCases.filter { serves & $0.bit != 0 }), mintedAt: try row.instant("minted_at"),
            expiresAt: try row.instant("expires_at"))
    }

    /// Ends the pages whose time was cut short, and writes anew what comes after the first that was minted again.
    static func save(_ pages: [Page], over loaded: [Page], of trade: TradeNumber, _ db: Database) throws {
        let kept = zip(loaded, pages).prefix { $0.isSameArtefact(as: $1) }.count
        for (old, page) in zip(loaded, pages).prefix(kept) where old.expiresAt != page.expiresAt {
            try end(page, of: trade, db)
        }
        for old in loaded.dropFirst(kept) {
            try delete(old, of: trade, db)
        }
        for page in pages.dropFirst(kept) {
            try insert(page, of: trade, db)
        }
    }

    private static func end(_ page: Page, of trade: TradeNumber, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE pages SET expires_at = ? WHERE trade_no = ? AND terminal = ? AND openid = ?")
        try statement.execute(
            arguments: [page.expiresAt.milliseconds, trade.text, page.terminal.rawValue, page.openID])
    }

    private static func delete(_ page: Page, of trade: TradeNumber, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM pages WHERE trade_no = ? AND terminal = ? AND openid = ?")
        try statement.execute(arguments: [trade.text, page.terminal.rawValue, page.openID])
    }

    private static func insert(_ page: Page, of trade: TradeNumber, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: columns.insertion)
        try statement.execute(arguments: [
            "id": nil, "trade_no": trade.text, "terminal": page.terminal.rawValue, "openid": page.openID,
            "serves": page.serves.reduce(0) { $0 | $1.bit }, "kind": page.kind.rawValue, "content": page.content,
            "minted_at": page.mintedAt.milliseconds, "expires_at": page.expiresAt.milliseconds,
        ])
    }
}

extension Page {
    /// Whether a stored page is this one, its life perhaps cut short.
    fileprivate func isSameArtefact(as later: Page) -> Bool {
        kind == later.kind && content == later.content && terminal == later.terminal && openID == later.openID
            && serves == later.serves && mintedAt == later.mintedAt && expiresAt >= later.expiresAt
    }
}

extension Terminal {
    /// Its part of `pages.serves`, frozen by the migration that made the table.
    var bit: Int64 {
        switch self {
        case .pc: 1
        case .h5: 2
        case .app: 4
        case .jsapi: 8
        }
    }

    static let everyBit: Int64 = 15
}
