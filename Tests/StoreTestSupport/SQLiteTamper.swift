import GRDB

/// A second connection to an SQLite file.
struct SQLiteTamper: Tamper {
    private let connection: DatabaseQueue

    init(path: String) throws { connection = try DatabaseQueue(path: path) }

    func execute(_ sql: String) throws { try connection.write { try Self.execute(sql, $0) } }

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

    func texts(_ sql: String) throws -> [String] {
        try connection.read { db in try Row.fetchAll(db, sql: sql).compactMap { Self.text($0[0]) } }
    }

    private static func text(_ value: DatabaseValue) -> String? {
        switch value.storage {
        case .null, .blob: nil
        case .string(let text): text
        case .int64(let number): "\(number)"
        case .double(let number): "\(number)"
        }
    }

    func writes() throws -> String {
        let version = try connection.unsafeRead { try Int64.fetchOne($0, sql: "PRAGMA data_version") }
        return "\(version ?? 0)"
    }

    /// A transaction is listed as soon as it is committed.
    func settle() throws {}

    func refusal(of sql: String) throws -> Refusal? {
        var found: Refusal?
        try connection.writeWithoutTransaction { db in
            try db.inTransaction {
                do {
                    try Self.execute(sql, db)
                    // SQLite checks a deferred key only by a commit.
                    if try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") != nil {
                        found = Refusal("FOREIGN KEY constraint failed")
                    }
                } catch let refusal as Refusal {
                    found = refusal
                }
                return .rollback
            }
        }
        return found
    }

    private static func execute(_ sql: String, _ db: Database) throws {
        do {
            try db.execute(sql: sql)
        } catch let error as DatabaseError {
            throw Refusal(error.message ?? "\(error.resultCode)")
        }
    }
}

extension Refusal {
    /// - Parameter message: SQLite's message, as in `CHECK constraint failed: orders_state`.
    fileprivate init(_ message: String) {
        let kinds: [(String, Kind)] = [("CHECK", .check), ("UNIQUE", .unique), ("FOREIGN KEY", .foreignKey)]
        if let (name, kind) = kinds.first(where: { message.hasPrefix("\($0.0) constraint failed") }) {
            let rule = message.dropFirst("\(name) constraint failed: ".count)
            self.init(kind: kind, rule: String(rule), message: message)
        } else if let rule = Refusal.ruleOfGuard(message) {
            self.init(kind: .guard, rule: rule, message: message)
        } else {
            self.init(kind: .other, rule: "", message: message)
        }
    }
}
