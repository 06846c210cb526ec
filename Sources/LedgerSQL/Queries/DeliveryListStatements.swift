import PayCore
import PayFlow
import PayRecords

/// The operator's list of deliveries.
enum DeliveryListStatements {
    /// Pending and parked deliveries have an index each, and so has an endpoint. `delivered` has none: it is most of the
    /// table.
    static func listing(_ listing: DeliveryListing, in dialect: Dialect) -> String {
        // Few deliveries are pending: they are read by their index, and sorted.
        let id = listing.state == .pending ? dialect.hidden("deliveries.id") : "deliveries.id"
        let isFew = listing.order != nil || listing.state == .pending || listing.state == .parked
        let endpoint = isFew ? dialect.hidden("deliveries.endpoint") : "deliveries.endpoint"
        let conditions = [
            listing.state.map { "deliveries.state = '\($0.rawValue)'" },
            // The order's events are few, and lead to its deliveries.
            listing.order.map { _ in "deliveries.event_id IN (SELECT id FROM events WHERE order_number = :order)" },
            listing.endpoint.map { _ in "\(endpoint) = :endpoint" },
            listing.before.map { _ in "\(id) < :before" },
        ].compactMap { $0 }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return "\(DeliveryRows.selection) \(filter) ORDER BY \(id) DESC LIMIT :limit"
    }

    static func list(_ listing: DeliveryListing, _ db: any Connection) throws -> [DeliveryRecord] {
        let values: [(any Storable)?] = [listing.order?.text, listing.endpoint?.text, listing.before?.number]
        return try db.prepared(Self.listing(listing, in: db.dialect))
            .all(values.filter { $0 != nil } + [max(0, listing.limit)], DeliveryRows.record)
    }

    private static let ofID = "\(DeliveryRows.selection) WHERE deliveries.id = ?"

    static func find(_ id: DeliveryID, _ db: any Connection) throws -> DeliveryRecord? {
        try db.prepared(ofID).first([id.number], DeliveryRows.record)
    }

    static func detail(_ id: DeliveryID, _ db: any Connection) throws -> DeliveryDetail? {
        try find(id, db).map { DeliveryDetail(record: $0, attempts: try DeliveryAttemptRows.list(of: id, db)) }
    }
}
