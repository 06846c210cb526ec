import PayCore
import PayFlow
import PayRecords

/// The table `audit`.
enum AuditRows {
    private static let columns = Columns(
        table: "audit",
        names: ["id", "at", "actor", "way", "origin", "action", "subject", "order_number", "reason", "detail"])

    static func append(_ note: AuditNote, at now: Instant, _ db: any Connection) throws {
        try db.prepared(columns.insertion).run([
            now.milliseconds, note.actor.name.text, note.actor.way.rawValue, note.actor.origin?.text,
            note.action.rawValue, note.subject, note.order?.text, note.reason?.text, note.detail,
        ])
    }

    static func listing(_ listing: AuditListing) -> String {
        let conditions = [
            listing.actor.map { _ in "actor = :actor" }, listing.action.map { _ in "action = :action" },
            listing.order.map { _ in "order_number = :order" }, listing.before.map { _ in "id < :before" },
        ].compactMap { $0 }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return "SELECT \(columns.selected) FROM audit \(filter) ORDER BY id DESC LIMIT :limit"
    }

    static func list(_ listing: AuditListing, _ db: any Connection) throws -> [AuditEntry] {
        let values: [(any Storable)?] = [
            listing.actor?.text, listing.action?.rawValue, listing.order?.text, listing.before,
        ]
        return try db.prepared(Self.listing(listing)).all(values.filter { $0 != nil } + [max(0, listing.limit)]) {
            try entry(StoredRow(columns, key: "of a list", in: $0))
        }
    }

    private static func entry(_ unnamed: StoredRow) throws -> AuditEntry {
        let id = try unnamed.integer("id")
        let row = unnamed.renamed("\(id)")
        let actor = Actor(
            try row.value("actor", PersonName.init), by: try row.value("way", AuditWay.init),
            from: try row.optionalValue("origin", PersonName.init))
        return AuditEntry(
            id: id, at: try row.instant("at"),
            AuditNote(
                actor, try row.value("action", AuditAction.init), on: try row.text("subject"),
                of: try row.optionalValue("order_number", OrderNumber.init),
                because: try row.optionalValue("reason", RulingReason.init), detail: try row.optionalText("detail")))
    }
}
