package import LedgerSQL

/// A connection of a lane: everything of ``LedgerSQL/Connection``, and several statements in one round trip.
package protocol LaneConnection: Connection, AnyObject {
    /// Runs the statements in one round trip. The first error is thrown; the statements after it did not run.
    func pipeline(_ queries: [Query]) throws -> [Rows]

    /// Runs the statements and COMMIT in one round trip.
    ///
    /// Returns if the transaction is durable. A ``PostgresFailure`` that isn't fatal and ``CommitFailure/rolledBack``
    /// tell that nothing was committed. Every other error leaves that unknown.
    func commit(_ queries: [Query]) throws -> [Rows]

    /// Ends a transaction without a trace.
    func rollback() throws

    /// Closes the connection. Later calls throw ``ConnectionLost``.
    func close()
}

extension LaneConnection {
    package var dialect: Dialect { .postgres }

    package func query(_ query: Query) throws -> Rows {
        guard let rows = try pipeline([query]).first else { throw ConnectionLost.closed(because: "no result") }
        return rows
    }
}

/// A statement of a lane's connection, which takes a round trip each time.
struct LaneStatement: PreparedStatement {
    let sql: String
    let execute: (Query) throws -> Rows

    func run(_ values: [StoredValue?]) throws { _ = try execute(Query(sql, values: values)) }

    func first<Value>(_ values: [StoredValue?], _ read: (any FoundRow) throws -> Value) throws -> Value? {
        let rows = try execute(Query(sql, values: values))
        return rows.count > 0 ? try read(rows[0]) : nil
    }

    func all<Value>(_ values: [StoredValue?], _ read: (any FoundRow) throws -> Value) throws -> [Value] {
        try execute(Query(sql, values: values)).map(read)
    }
}
