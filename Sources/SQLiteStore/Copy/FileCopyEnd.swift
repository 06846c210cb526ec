import CSQLite
package import LedgerSQL

/// An SQLite file as an end of a copy. No other connection has the file open meanwhile.
package struct FileCopyEnd: CopyEnd {
    private static let batch = 1_000

    private let db: FileConnection

    /// Runs `work` within one transaction, which is committed behind it if `writes` is true. Throws
    /// ``CopyFailure/inUse(_:)`` if another process has the file open. Blocks.
    package static func with<Value>(
        path: String, writes: Bool, _ work: (FileCopyEnd) throws -> Value
    ) throws -> Value {
        try Connections.withOne(to: path) { db in
            do {
                // The lock of the whole file is granted only if no other connection is open.
                try db.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
            } catch let error where SQLiteFailure(error)?.code == SQLITE_BUSY {
                throw CopyFailure.inUse(path)
            }
            do {
                let end = FileCopyEnd(db: db)
                let value = writes ? try withoutTriggers(db) { try work(end) } : try work(end)
                try db.execute(writes ? "COMMIT" : "ROLLBACK")
                return value
            } catch {
                try? db.execute("ROLLBACK")
                throw error
            }
        }
    }

    /// The tables with their columns, which both databases have.
    package func tables() throws -> [CopiedTable] {
        try CopiedTable.names.map { name in
            let columns = try db.prepared(
                "SELECT name, pk FROM pragma_table_xinfo('\(name)') WHERE hidden = 0 ORDER BY cid"
            ).all { (name: $0.text(0) ?? "", key: $0.integer(1)) }
            let key = columns.filter { $0.key > 0 }.sorted { $0.key < $1.key }.map(\.name)
            return CopiedTable(name: name, columns: columns.map(\.name), key: key)
        }
    }

    package func hasRows(_ name: String) throws -> Bool {
        try db.prepared("SELECT 1 FROM \(name) LIMIT 1").first { _ in true } ?? false
    }

    package func read(_ table: CopiedTable, _ take: ([CopiedRow]) throws -> Void) throws {
        let places = table.keyPlaces
        let marks = places.map { _ in "?" }.joined(separator: ", ")
        let first = try db.prepared("\(table.selection) \(table.order) LIMIT \(Self.batch)")
        let next = try db.prepared(
            "\(table.selection) WHERE (\(table.key.joined(separator: ", "))) > (\(marks)) \(table.order) LIMIT \(Self.batch)"
        )
        var rows = try first.all(table.read)
        while let last = rows.last {
            try take(rows)
            guard rows.count == Self.batch else { return }
            rows = try next.all(places.map { last[$0] }, table.read)
        }
    }

    package func insert(_ rows: [CopiedRow], into table: CopiedTable) throws {
        let marks = table.columns.map { _ in "?" }.joined(separator: ", ")
        let statement = try db.prepared(
            "INSERT INTO \(table.name) (\(table.columns.joined(separator: ", "))) VALUES (\(marks))")
        for row in rows { try statement.run(row) }
    }
}

extension FileCopyEnd {
    /// The triggers are gone during the work. Some of them write rows that the copy brings, and others refuse what only
    /// a restore does. Checks and keys hold.
    fileprivate static func withoutTriggers<Value>(_ db: FileConnection, _ work: () throws -> Value) throws -> Value {
        let triggers = try db.prepared("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid").all
        {
            (name: $0.text(0) ?? "", sql: $0.text(1) ?? "")
        }
        try db.execute("PRAGMA defer_foreign_keys = ON")
        for trigger in triggers { try db.execute("DROP TRIGGER \(trigger.name)") }
        let value = try work()
        for trigger in triggers { try db.execute(trigger.sql) }
        return value
    }
}
