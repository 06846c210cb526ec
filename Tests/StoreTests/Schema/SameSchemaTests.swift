import StoreTestSupport
import Testing

/// Both kinds of database have the same schema. A rule that one migration adds can't be forgotten in the other.
@Suite(StoreKind.needsPostgres) struct SameSchemaTests {
    private func withBoth(_ body: (_ sqlite: SchemaCatalog, _ postgres: SchemaCatalog) throws -> Void) async throws {
        try await withTestDatabase(.sqlite) { file in
            try await withTestDatabase(.postgres) { server in
                try body(
                    SchemaCatalog(kind: .sqlite, tamper: try file.tamper()),
                    SchemaCatalog(kind: .postgres, tamper: try server.tamper()))
            }
        }
    }

    private func expectSame(
        _ read: (SchemaCatalog) throws -> Set<String>, except ofSQLite: Set<String> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withBoth { sqlite, postgres in
            let (here, there) = (try read(sqlite), try read(postgres))
            #expect(here.subtracting(there) == ofSQLite, "only in SQLite", sourceLocation: sourceLocation)
            #expect(there.subtracting(here) == [], "only in PostgreSQL", sourceLocation: sourceLocation)
        }
    }

    @Test func `both have the same tables`() async throws { try await expectSame { try $0.tables() } }

    @Test func `both have the same columns`() async throws { try await expectSame { try $0.columnRules() } }

    @Test func `both have the same columns in the same order`() async throws {
        try await expectSame { catalog in
            Set(try catalog.tables().map { "\($0): \(try catalog.columns(of: $0).joined(separator: ", "))" })
        }
    }

    @Test func `both have the same checks`() async throws { try await expectSame { try $0.checks() } }

    @Test func `both have the same triggers`() async throws { try await expectSame { try $0.triggers() } }

    @Test func `both have the same unique indexes`() async throws { try await expectSame { try $0.uniqueIndexes() } }

    @Test func `both have the same foreign keys, except those of the history`() async throws {
        try await expectSame(
            { try $0.foreignKeys() },
            except: ["history.order_number -> orders.number", "history.trade_no -> attempts.trade_no"])
    }

    @Test func `PostgreSQL compares every text by bytes, as SQLite does`() async throws {
        try await withBoth { _, postgres in
            let others = try postgres.tamper.texts(
                """
                SELECT table_name || '.' || column_name FROM information_schema.columns
                WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
                """)
            #expect(others == [])
        }
    }
}
