package import PayFlow

/// Everything that a store does.
package typealias TestStore = any Archive & AttentionList & BillStore & ChannelPauses & ConditionReports & DisputeList
    & History & Ledger & OrderNaming & Outbox & ReconciliationReads & RefundList

/// A store on a new database, which is deleted when `body` returns.
package func withTestStore<Value>(
    _ kind: StoreKind, _ body: (TestStore) async throws -> Value
) async throws -> Value {
    try await withTestDatabase(kind) { database in try await body(try await database.open()) }
}

/// A new database with the schema and no rows. The database is deleted when `body` returns, and its stores are closed.
package func withTestDatabase<Value>(
    _ kind: StoreKind, _ body: (TestDatabase) async throws -> Value
) async throws -> Value {
    let database = try TestDatabase(kind)
    do {
        let value = try await body(database)
        try database.delete()
        return value
    } catch {
        try? database.delete()
        throw error
    }
}
