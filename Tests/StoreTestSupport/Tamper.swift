import GRDB

/// A connection beside the store: edits by hand, and facts that no port tells. Its SQL is valid in every database.
package protocol Tamper: Sendable {
    /// Runs statements under the rules of the schema.
    func execute(_ sql: String) throws

    /// Removes every rule of the schema that can refuse a row or an update, and runs the statements.
    func executeWithoutRules(_ sql: String) throws

    /// The first column of every row.
    func texts(_ sql: String) throws -> [String]

    /// The first column of the first row; nil without a row.
    func number(_ sql: String) throws -> Int64?

    /// A value that changes whenever another connection has stored anything.
    func writes() throws -> String
}

/// A second connection to an SQLite file.
struct SQLiteTamper: Tamper {
    private let connection: DatabaseQueue

    init(path: String) throws { connection = try DatabaseQueue(path: path) }

    func execute(_ sql: String) throws { try connection.write { try $0.execute(sql: sql) } }

    func executeWithoutRules(_ sql: String) throws {
        try connection.writeWithoutTransaction { db in
            for trigger in try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
                try db.execute(sql: "DROP TRIGGER \(trigger)")
            }
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF")
            try db.execute(sql: "DROP INDEX IF EXISTS attempts_one_live")
            try db.execute(sql: sql)
        }
    }

    func texts(_ sql: String) throws -> [String] { try connection.read { try String.fetchAll($0, sql: sql) } }

    func number(_ sql: String) throws -> Int64? { try connection.read { try Int64.fetchOne($0, sql: sql) } }

    func writes() throws -> String {
        let version = try connection.unsafeRead { try Int64.fetchOne($0, sql: "PRAGMA data_version") }
        return "\(version ?? 0)"
    }
}
