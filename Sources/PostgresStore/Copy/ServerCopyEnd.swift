package import LedgerSQL
package import PayCore

/// A PostgreSQL database as an end of a copy. Its tables are locked against other writers meanwhile.
package struct ServerCopyEnd: CopyEnd {
    private static let batch = 1_000
    /// A service commits a heartbeat every 250 ms.
    private static let isInUse = "SELECT 1 FROM node_beats WHERE at > clock_timestamp() - interval '5 seconds' LIMIT 1"

    private let db: PostgresConnection

    /// Runs `work` within one transaction, which is committed behind it if `writes` is true. Throws
    /// ``CopyFailure/inUse(_:)`` if a service runs on the database. Blocks.
    package static func with<Value>(
        uri: Secret, name: String, writes: Bool, _ work: (ServerCopyEnd) throws -> Value
    ) throws -> Value {
        guard let address = ServerAddress(uri.reveal()) else { throw PostgresSchemaError.notURI }
        let db = try PostgresConnection(address, .patient)
        defer { db.close() }
        guard try db.query(Query(isInUse)).count == 0 else { throw CopyFailure.inUse(name) }
        // A transaction that isn't committed ends with the connection.
        _ = try db.query(Query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        let tables = CopiedTable.names.joined(separator: ", ")
        try db.execute("LOCK TABLE \(tables) IN \(writes ? "ACCESS EXCLUSIVE" : "SHARE") MODE")
        guard writes else { return try work(ServerCopyEnd(db: db)) }
        // Some triggers write rows that the copy brings, and others refuse what only a restore does. Checks and keys
        // hold.
        try db.execute(CopiedTable.names.map { "ALTER TABLE \($0) DISABLE TRIGGER USER;" }.joined())
        let value = try work(ServerCopyEnd(db: db))
        try db.execute("SET CONSTRAINTS ALL IMMEDIATE")
        try db.execute(CopiedTable.names.map { "ALTER TABLE \($0) ENABLE TRIGGER USER;" }.joined())
        try continueNumbers(db)
        _ = try db.commit([])
        return value
    }

    /// New rows are numbered behind the copied ones.
    private static func continueNumbers(_ db: PostgresConnection) throws {
        let numbered = Query(
            """
            SELECT table_name::text FROM information_schema.columns
            WHERE table_schema = current_schema() AND column_name = 'id' AND is_identity = 'YES'
            """)
        for table in try db.query(numbered).map({ $0.text(0) ?? "" }) where CopiedTable.names.contains(table) {
            _ = try db.query(
                Query(
                    """
                    SELECT setval(pg_get_serial_sequence('\(table)', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL)
                    FROM \(table)
                    """))
        }
    }

    package func hasRows(_ name: String) throws -> Bool {
        try db.query(Query("SELECT 1 FROM \(name) LIMIT 1")).count > 0
    }

    package func read(_ table: CopiedTable, _ take: ([CopiedRow]) throws -> Void) throws {
        // A cursor sorts once, also where PostgreSQL's table has another key.
        let cursor = "copy_of_\(table.name)"
        try db.execute("DECLARE \(cursor) CURSOR FOR \(table.selection) \(table.order)")
        let fetch = Query("FETCH \(Self.batch) FROM \(cursor)")
        while true {
            let rows = try db.query(fetch).map(table.read)
            guard !rows.isEmpty else { break }
            try take(rows)
        }
        try db.execute("CLOSE \(cursor)")
    }

    package func insert(_ rows: [CopiedRow], into table: CopiedTable) throws {
        var columns = table.columns
        var values = table.columns.map { _ in "?" }
        if table.name == "orders" {
            // A trigger's work: the place of the order in the list of changes.
            columns += ["era", "changed_in"]
            values += ["(SELECT era FROM eras)", "pg_current_xact_id()"]
        }
        let sql =
            "INSERT INTO \(table.name) (\(columns.joined(separator: ", "))) VALUES (\(values.joined(separator: ", ")))"
        _ = try db.pipeline(rows.map { Query(sql, values: $0) })
    }
}
