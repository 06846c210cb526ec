package import PayFlow

/// A store on a new database, which is deleted when `body` returns.
package func withTestStore<Value>(
    _ kind: StoreKind, _ body: (any Store) async throws -> Value
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
        try await database.delete()
        return value
    } catch {
        try? await database.delete()
        throw error
    }
}
