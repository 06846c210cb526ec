import PayCore
import PayFlow
import PayRecords

/// The table `deliveries`: the outbox.
enum DeliveryRows {
    private static let standing = Columns(
        table: "deliveries",
        names: [
            "id", "event_id", "order_number", "endpoint", "state", "tries", "next_at", "delivered_at", "last_answer",
        ])
    private static let events = Columns(table: "events", names: ["kind", "occurred_at"])
    private static let endpoints = Columns(table: "webhook_endpoints", names: ["active"])

    /// Reads the rows for ``record(_:)``, before any condition.
    static let selection = """
        SELECT \(standing.selected), \(events.selected), \(endpoints.selected)
        FROM deliveries
        JOIN events ON events.id = deliveries.event_id
        LEFT JOIN webhook_endpoints ON webhook_endpoints.name = deliveries.endpoint
        """

    static func record(_ found: any FoundRow) throws -> DeliveryRecord {
        let unnamed = StoredRow(standing, key: "of a list", in: found)
        let id = try id(unnamed)
        let row = unnamed.renamed("\(id)")
        let event = StoredRow(events, key: "\(id)", in: found, from: standing.names.count)
        let endpoint = StoredRow(
            endpoints, key: "\(id)", in: found, from: standing.names.count + events.names.count)
        return DeliveryRecord(
            id: id, event: try EventRows.id(row, "event_id"), endpoint: try row.value("endpoint", EndpointName.init),
            isEndpointActive: try endpoint.optionalInteger("active") == 1,
            order: try row.value("order_number", OrderNumber.init),
            kind: try event.value("kind", OrderEvent.Kind.init), occurredAt: try event.instant("occurred_at"),
            state: try row.value("state", DeliveryState.init), tries: try tries(row, "tries"),
            nextAt: try row.instant("next_at"), deliveredAt: try row.optionalInstant("delivered_at"),
            lastAnswer: try row.optionalText("last_answer"))
    }

    static func id(_ row: StoredRow) throws -> DeliveryID {
        guard let id = DeliveryID(try row.integer("id")) else { throw row.unreadable("id") }
        return id
    }

    static func tries(_ row: StoredRow, _ column: String) throws -> Int {
        try row.count(column, in: 0...1_000_000_000)
    }
}
