import PayCore
import PayFlow
import PayRecords

/// The operator's list of messages, and resends.
enum DeliveryListStatements {
    /// Each state has an index, except `delivered`, which is most of the table.
    static func listing(_ listing: DeliveryListing) -> String {
        let conditions = [
            listing.state.map { "state = '\($0.rawValue)'" }, listing.order.map { _ in "order_number = :order" },
        ].compactMap { $0 }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return "SELECT \(DeliveryRows.standing.selected) FROM deliveries \(filter) ORDER BY id DESC LIMIT :limit"
    }

    static func list(_ listing: DeliveryListing, _ db: any Connection) throws -> [DeliveryRecord] {
        let order: [(any Storable)?] = listing.order.map { [$0.text] } ?? []
        return try db.prepared(Self.listing(listing)).all(order + [max(0, listing.limit)]) { row in
            try DeliveryRows.record(StoredRow(DeliveryRows.standing, key: "of a list", in: row))
        }
    }

    static func resend(_ wanted: DeliveriesToResend, at now: Instant, _ db: any Connection) throws -> ResendReport {
        switch wanted {
        case .everyParked:
            let ids = try parked(db)
            for id in ids { try makeDue(id, at: now, db) }
            return ResendReport(due: ids, beingSent: [], unknown: [])
        case .these(let ids):
            return try resend(ids, at: now, db)
        }
    }

    private static func resend(_ ids: [DeliveryID], at now: Instant, _ db: any Connection) throws -> ResendReport {
        var due: [DeliveryID] = []
        var beingSent: [DeliveryID] = []
        var unknown: [DeliveryID] = []
        for id in Set(ids).sorted() {
            let isBeingSent = try db.prepared("SELECT sending = 1 AND next_at > ? FROM deliveries WHERE id = ?")
                .first([now.milliseconds, id.number]) { $0.integer(0) == 1 }
            switch isBeingSent {
            case nil: unknown.append(id)
            case true?: beingSent.append(id)
            case false?:
                try makeDue(id, at: now, db)
                due.append(id)
            }
        }
        return ResendReport(due: due, beingSent: beingSent, unknown: unknown)
    }

    private static func parked(_ db: any Connection) throws -> [DeliveryID] {
        try db.prepared("SELECT id FROM deliveries WHERE state = 'parked' ORDER BY id").all { $0.integer(0) }
            .compactMap(DeliveryID.init)
    }

    private static func makeDue(_ id: DeliveryID, at now: Instant, _ db: any Connection) throws {
        try db.prepared(
            "UPDATE deliveries SET state = 'pending', sending = 0, tries_before = tries, next_at = ? WHERE id = ?"
        ).run([now.milliseconds, id.number])
    }
}
