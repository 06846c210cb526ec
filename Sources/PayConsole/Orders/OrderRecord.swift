import PayCore
import PayFlow

/// Everything that is stored about an order, except the contents of its pages.
struct OrderRecord: Sendable {
    /// In entries of the audit, and in webhooks. More are on the lists' own pages.
    static let longestList = 100

    let order: Order
    let history: [HistoryEntry]
    let audit: [AuditEntry]
    let deliveries: [DeliveryRecord]
    let differences: [RecordedDifference]

    /// Nil if there is no such order.
    init?(_ number: OrderNumber, in store: any Store) async throws {
        guard let order = try await store.order(number) else { return nil }
        self.order = order
        history = try await store.history(of: number)
        audit = try await store.auditEntries(AuditListing(order: number, limit: Self.longestList))
        deliveries = try await store.deliveries(DeliveryListing(order: number, limit: Self.longestList))
        differences = try await store.differences(DifferenceListing(order: number, limit: Self.longestList)).differences
    }
}
