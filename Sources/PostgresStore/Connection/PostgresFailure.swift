import CPQ

/// An error that the server reported for a statement. Holds no values: the server's detail and context, which quote
/// them, are left out.
package struct PostgresFailure: Error, Hashable, CustomStringConvertible {
    package let sqlState: SQLState
    package let message: String
    /// The name of the rule of the schema that refused the statement.
    package let constraint: String?
    package let table: String?
    /// The server closes the connection behind this error.
    package let isFatal: Bool

    package init(
        sqlState: SQLState, message: String, constraint: String? = nil, table: String? = nil, isFatal: Bool = false
    ) {
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
        self.table = table
        self.isFatal = isFatal
    }

    package var description: String { "\(message) (SQLSTATE \(sqlState.code))" }
}

extension PostgresFailure {
    /// Nil if the result is not an error of the server, but of the connection.
    init?(_ result: OpaquePointer) {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, CInt(code.value)).map { String(cString: $0) }
        }
        guard let state = field("C") else { return nil }
        let severity = field("V")
        self.init(
            sqlState: SQLState(state), message: Self.withoutValues(field("M") ?? "no message", of: SQLState(state)),
            constraint: field("n"), table: field("t"), isFatal: severity == "FATAL" || severity == "PANIC")
    }

    /// Messages about data that can't be read, such as `invalid input syntax for type bigint: "…"`, quote the value.
    private static func withoutValues(_ message: String, of state: SQLState) -> String {
        guard state.code.hasPrefix("22"), let colon = message.firstIndex(of: ":") else { return message }
        return String(message[..<colon])
    }
}

/// PostgreSQL's code of an error: https://www.postgresql.org/docs/current/errcodes-appendix.html.
package struct SQLState: Hashable, Sendable {
    package let code: String

    package init(_ code: String) { self.code = code }

    /// The first two characters.
    package var kind: Substring { code.prefix(2) }

    package static let untranslatableCharacter = SQLState("22P05")
    package static let readOnlyTransaction = SQLState("25006")
    package static let serializationFailure = SQLState("40001")
    package static let statementCompletionUnknown = SQLState("40003")
    package static let deadlockDetected = SQLState("40P01")
    package static let insufficientPrivilege = SQLState("42501")
    package static let lockNotAvailable = SQLState("55P03")
    package static let queryCanceled = SQLState("57014")
    package static let uniqueViolation = SQLState("23505")
    package static let diskFull = SQLState("53100")
    package static let laneGivenUp = SQLState("PP001")
}

/// The connection to the server is gone, or was given up.
package enum ConnectionLost: Error, Hashable, CustomStringConvertible {
    /// No connection could be made. The reason is libpq's, without the database's URL.
    case notConnected(because: String)
    /// The server did not answer in time. The connection was closed.
    case timedOut
    case closed(because: String)

    package var description: String {
        switch self {
        case .notConnected(let reason): "no connection to the database: \(reason)"
        case .timedOut: "the database did not answer in time"
        case .closed(let reason): "the connection to the database was closed: \(reason)"
        }
    }
}

/// A COMMIT ended in a way that is no success.
package enum CommitFailure: Error, Hashable {
    /// The server warned between COMMIT and its completion: the transaction was committed there, but perhaps on no
    /// standby.
    case warned(SQLState?)
    /// The server rolled the transaction back instead.
    case rolledBack
}
