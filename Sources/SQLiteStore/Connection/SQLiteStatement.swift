import CSQLite
import GRDB
import LedgerSQL

/// A statement that each connection prepares once. Values are bound and rows are read by SQLite's own functions.
///
/// GRDB's arguments and rows cost as much as the statement itself: a dictionary of column names for every row, and
/// three wrappings for every value. A first pay runs some twenty statements.
struct SQLiteStatement: PreparedStatement {
    private let statement: Statement

    private var handle: OpaquePointer { statement.sqliteStatement }

    init(_ statement: Statement) { self.statement = statement }

    /// Runs the statement to its end. The values come in the order in which the SQL first names them.
    func run(_ values: [StoredValue?]) throws {
        try bound(to: values) { while try step() {} }
    }

    /// The result of `read` for the first row; nil without a row. While `read` runs, the row is held, and with it the
    /// snapshot that this connection sees.
    func first<Value>(_ values: [StoredValue?], _ read: (any FoundRow) throws -> Value) throws -> Value? {
        try bound(to: values) { try step() ? try read(SQLiteRow(handle)) : nil }
    }

    /// The results of `read` for all rows. `read` must not run this very statement.
    func all<Value>(_ values: [StoredValue?], _ read: (any FoundRow) throws -> Value) throws -> [Value] {
        try bound(to: values) {
            var found: [Value] = []
            while try step() { found.append(try read(SQLiteRow(handle))) }
            return found
        }
    }

    /// Binds the values for the time of `work`. The texts lie in one piece of memory: SQLite would allocate a copy of
    /// each.
    private func bound<Outcome>(to values: [StoredValue?], _ work: () throws -> Outcome) throws -> Outcome {
        // A caller that still reads a row of this statement would lose that row.
        guard sqlite3_stmt_busy(handle) == 0, sqlite3_bind_parameter_count(handle) == CInt(values.count) else {
            throw failure(SQLITE_MISUSE)
        }
        let size = values.reduce(into: 1) { size, value in
            if case .text(let text) = value { size += text.utf8.count }
        }
        return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { room in
            defer {
                sqlite3_reset(handle)
                sqlite3_clear_bindings(handle)
            }
            var rest = room.baseAddress!
            for (index, value) in zip(CInt(1)..., values) {
                let code = bind(value, at: index, &rest)
                guard code == SQLITE_OK else { throw failure(code) }
            }
            return try work()
        }
    }

    private func bind(_ value: StoredValue?, at index: CInt, _ rest: inout UnsafeMutablePointer<CChar>) -> CInt {
        switch value {
        case .integer(let integer): return sqlite3_bind_int64(handle, index, integer)
        case .text(var text):
            let start = rest
            let count = text.withUTF8 { bytes in
                UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyBytes(from: bytes)
                return bytes.count
            }
            rest += count
            // Without a destructor, SQLite reads the text where it is.
            return sqlite3_bind_text(handle, index, start, CInt(count), nil)
        case nil: return sqlite3_bind_null(handle, index)
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
private struct SQLiteRow: FoundRow {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { self.statement = statement }

    func kind(_ column: Int) -> ValueKind {
        switch sqlite3_column_type(statement, CInt(column)) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer
        case SQLITE_TEXT: .text
        default: .other
        }
    }

    func integer(_ column: Int) -> Int64 { sqlite3_column_int64(statement, CInt(column)) }

    func text(_ column: Int) -> String? {
        // In this order: the first call may convert the value, and the second one counts its bytes.
        guard let bytes = sqlite3_column_text(statement, CInt(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, CInt(column)))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
