package import PayCore
import PayRecords

/// The table `pages`.
package enum PageRows {
    package static let columns = Columns(
        table: "pages",
        names: ["id", "trade_no", "terminal", "openid", "serves", "kind", "content", "minted_at", "expires_at"])

    private static let selection = NumberedSQL("SELECT \(columns.selected) FROM pages WHERE trade_no = ? ORDER BY id")

    /// A trade's pages, in the order of their minting.
    static func load(of trade: TradeNumber, _ db: any Connection) throws -> [Page] {
        try db.prepared(selection).all([trade.text.stored]) { try page(StoredRow(columns, key: trade.text, in: $0)) }
    }

    package static func page(_ unnamed: StoredRow) throws -> Page {
        // The row is named by its id: an openid must not reach the log.
        let row = unnamed.renamed("\(try unnamed.integer("id"))")
        guard let serves = Terminal.terminals(ofBits: try row.integer("serves")) else {
            throw row.unreadable("serves")
        }
        return Page(
            kind: try row.value("kind", PageKind.init), content: try row.text("content"),
            terminal: try row.value("terminal", Terminal.init), openID: try row.text("openid"),
            serves: serves, mintedAt: try row.instant("minted_at"),
            expiresAt: try row.instant("expires_at"))
    }

    /// Shortens the pages that end sooner, and replaces all pages from the first one that was minted again.
    static func save(_ pages: [Page], over loaded: [Page], of trade: TradeNumber, _ db: any Connection) throws {
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

    private static func end(_ page: Page, of trade: TradeNumber, _ db: any Connection) throws {
        try db.prepared("UPDATE pages SET expires_at = ? WHERE trade_no = ? AND terminal = ? AND openid = ?")
            .run([page.expiresAt.milliseconds, trade.text, page.terminal.rawValue, page.openID])
    }

    private static func delete(_ page: Page, of trade: TradeNumber, _ db: any Connection) throws {
        try db.prepared("DELETE FROM pages WHERE trade_no = ? AND terminal = ? AND openid = ?")
            .run([trade.text, page.terminal.rawValue, page.openID])
    }

    private static func insert(_ page: Page, of trade: TradeNumber, _ db: any Connection) throws {
        try db.prepared(insertion).run(values(of: page, of: trade))
    }

    private static let insertion = NumberedSQL(columns.insertion)

    /// The values of the columns that a new row is given.
    package static func values(of page: Page, of trade: TradeNumber) -> [StoredValue?] {
        [
            trade.text.stored, page.terminal.rawValue.stored, page.openID.stored, page.serves.bits.stored,
            page.kind.rawValue.stored, page.content.stored, page.mintedAt.milliseconds.stored,
            page.expiresAt.milliseconds.stored,
        ]
    }
}

extension Page {
    /// Whether `later` is this page, perhaps with an earlier end.
    package func isSameArtefact(as later: Page) -> Bool {
        kind == later.kind && content == later.content && terminal == later.terminal && openID == later.openID
            && serves == later.serves && mintedAt == later.mintedAt && expiresAt >= later.expiresAt
    }
}
