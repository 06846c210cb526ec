import CSQLite
import GRDB

/// A statement that each connection prepares once. Values are bound and rows are read by SQLite's own functions.
///
/// GRDB's arguments and rows cost as much as the statement itself: a dictionary of column names for every row, and
/// three wrappings for every value. A first pay runs some twenty statements.
struct PreparedStatement {
    /// Tells SQLite to copy a bound value: the value needn't outlive the call.
    fileprivate static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let statement: Statement

    private var handle: OpaquePointer { statement.sqliteStatement }

    init(_ statement: Statement) { self.statement = statement }

    /// Runs the statement to its end. The values come in the order in which the SQL first names them.
    func run(_ values: [(any Storable)?] = []) throws {
        try bind(values)
        defer { sqlite3_reset(handle) }
        while try step() {}
    }

    /// The result of `read` for the first row; nil without a row. While `read` runs, the row is held, and with it the
    /// snapshot that this connection sees.
    func first<Value>(_ values: [(any Storable)?] = [], _ read: (FoundRow) throws -> Value) throws -> Value? {
        try bind(values)
        defer { sqlite3_reset(handle) }
        return try step() ? try read(FoundRow(handle)) : nil
    }

    /// The results of `read` for all rows. `read` must not run this very statement.
    func all<Value>(_ values: [(any Storable)?] = [], _ read: (FoundRow) throws -> Value) throws -> [Value] {
        try bind(values)
        defer { sqlite3_reset(handle) }
        var found: [Value] = []
        while try step() { found.append(try read(FoundRow(handle))) }
        return found
    }

    private func bind(_ values: [(any Storable)?]) throws {
        // A caller that still reads a row of this statement would lose that row.
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

    /// The error that GRDB would throw.
    private func failure(_ code: CInt) -> any Error {
        // GRDB interrupts a read whose task was cancelled. Nothing else interrupts.
        if code & 0xFF == SQLITE_INTERRUPT { return CancellationError() }
        let connection = sqlite3_db_handle(handle)
        let isKnown = sqlite3_errcode(connection) == code
        return SQLiteFailure.error(
            isKnown ? sqlite3_extended_errcode(connection) : code,
            message: isKnown ? String(cString: sqlite3_errmsg(connection)) : nil, sql: statement.sql)
    }
}

/// The row on which a statement stands. Valid until the statement's next step.
struct FoundRow {
    private let statement: OpaquePointer

    fileprivate init(_ statement: OpaquePointer) { self.statement = statement }

    /// The types that columns of our STRICT tables have.
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

    /// Nil if there is no memory for the text.
    func text(_ column: Int) -> String? {
        // In this order: the first call may convert the value, and the second one counts its bytes.
        guard let bytes = sqlite3_column_text(statement, CInt(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, CInt(column)))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}

/// A value that can be bound to a statement.
protocol Storable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt
}

extension String: Storable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        var text = self
        return text.withUTF8 { bytes in
            // Without an address, SQLite would store NULL.
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
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt { sqlite3_bind_int64(statement, index, self) }
}

extension Int: Storable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        sqlite3_bind_int64(statement, index, Int64(self))
    }
}

extension Bool: Storable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        sqlite3_bind_int64(statement, index, self ? 1 : 0)
    }
}
