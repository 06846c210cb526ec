import CSQLite
import GRDB

/// An error of SQLite, from a statement of ours or of GRDB's.
struct SQLiteFailure {
    private let error: DatabaseError

    /// Nil for every other error.
    init?(_ error: any Error) {
        guard let error = error as? DatabaseError else { return nil }
        self.error = error
    }

    /// The primary result code, such as `SQLITE_BUSY`.
    var code: CInt { error.resultCode.rawValue }
    var extendedCode: CInt { error.extendedResultCode.rawValue }
    var message: String? { error.message }
    /// A reason for a person: SQLite's message, or the code.
    var reason: String { error.message ?? "\(error.resultCode)" }

    /// The error that is thrown for a result code.
    static func error(_ code: CInt, message: String? = nil, sql: String? = nil) -> any Error {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: sql)
    }
}
