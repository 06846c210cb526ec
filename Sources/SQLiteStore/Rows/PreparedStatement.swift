import GRDB
import GRDBSQLite
import PayCore

/// A statement that each connection prepares once, given its values and stepped by SQLite's own functions.
///
/// GRDB's arguments and rows cost as much as the work itself: a dictionary of column names for every row that is found,
/// and three wrappings for every value. A first pay takes some twenty statements. The connections, their queues and what
/// surrounds a transaction stay GRDB's.
struct PreparedStatement {
    /// SQLite copies what it is given: nothing has to outlive the call that gives it.
    fileprivate static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let statement: Statement

    private var handle: SQLiteStatement { statement.sqliteStatement }

    init(_ sql: String, _ db: Database) throws {
        statement = try db.cachedStatement(sql: sql)
    }

    /// Runs it to its end. The values come in the order in which the SQL first names them.
    func run(_ values: [(any Storable)?] = []) throws {
        try bind(values)
        defer { sqlite3_reset(handle) }
        while try step() {}
    }

    /// What `read` makes of the first row; nil when there is none. While it reads, the row is held, and with it the
    /// instant of the database that this connection sees.
    func first<Value>(_ values: [(any Storable)?] = [], _ read: (FoundRow) throws -> Value) throws -> Value? {
        try bind(values)
        defer { sqlite3_reset(handle) }
        return try step() ? try read(FoundRow(handle)) : nil
    }

    /// What `read` makes of each row. It must not run this very statement.
    func all<Value>(_ values: [(any Storable)?] = [], _ read: (FoundRow) throws -> Value) throws -> [Value] {
        try bind(values)
        defer { sqlite3_reset(handle) }
        var found: [Value] = []
        while try step() { found.append(try read(FoundRow(handle))) }
        return found
    }

    private func bind(_ values: [(any Storable)?]) throws {
        // Whoever stands on a row of it would lose that row.
        guard sqlite3_stmt_busy(handle) == 0, sqlite3_bind_parameter_count(handle) == CInt(values.count) else {
            throw failure(SQLITE_MISUSE)
        }
        for (index, value) in zip(CInt(1)..., values) {
            let code = value?.bind(to: handle, at: index) ?? sqlite3_bind_null(handle, index)
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    /// Whether there is a row.
    private func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw failure(code)
        }
    }

    /// What GRDB would throw.
    private func failure(_ code: CInt) -> any Error {
        // By this GRDB stops a read whose task was cancelled; it is used for nothing else.
        if code & 0xFF == SQLITE_INTERRUPT { return CancellationError() }
        let connection = sqlite3_db_handle(handle)
        let isKnown = sqlite3_errcode(connection) == code
        return DatabaseError(
            resultCode: ResultCode(rawValue: isKnown ? sqlite3_extended_errcode(connection) : code),
            message: isKnown ? String(cString: sqlite3_errmsg(connection)) : nil, sql: statement.sql)
    }
}

/// The row on which a statement stands. It is gone with the next step.
struct FoundRow {
    private let statement: SQLiteStatement

    fileprivate init(_ statement: SQLiteStatement) { self.statement = statement }

    /// What a column of a STRICT table may hold, as far as our tables use it.
    enum Kind { case null, integer, text, other }

    func kind(_ column: Int) -> Kind {
        switch sqlite3_column_type(statement, CInt(column)) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer
        case SQLITE_TEXT: .text
        default: .other
        }
    }

    func integer(_ column: Int) -> Int64 { sqlite3_column_int64(statement, CInt(column)) }

    /// Nil when there is no memory for it.
    func text(_ column: Int) -> String? {
        // In this order: the text is converted first, if at all, and counted then.
        guard let bytes = sqlite3_column_text(statement, CInt(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, CInt(column)))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}

/// What a statement can be given.
protocol Storable {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt
}

extension String: Storable {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        var text = self
        return text.withUTF8 { bytes in
            // Without an address SQLite would store NULL.
            guard let start = UnsafeRawPointer(bytes.baseAddress) else {
                return sqlite3_bind_text(statement, index, "", 0, PreparedStatement.copied)
            }
            return sqlite3_bind_text(
                statement, index, start.assumingMemoryBound(to: CChar.self), CInt(bytes.count),
                PreparedStatement.copied)
        }
    }
}

extension Int64: Storable {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt { sqlite3_bind_int64(statement, index, self) }
}

extension Int: Storable {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        sqlite3_bind_int64(statement, index, Int64(self))
    }
}

extension Bool: Storable {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        sqlite3_bind_int64(statement, index, self ? 1 : 0)
    }
}

extension Database {
    /// See ``PreparedStatement``.
    func prepared(_ sql: String) throws -> PreparedStatement { try PreparedStatement(sql, self) }
}
