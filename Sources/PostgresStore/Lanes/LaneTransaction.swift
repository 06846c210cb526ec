package import LedgerSQL

/// A transaction, for the work that it was handed to. It begins with the work's first statement, in the same round
/// trip.
package final class LaneTransaction: LaneConnection {
    private let connection: any LaneConnection
    /// BEGIN and what follows it, until they are sent.
    private var opening: [Query]
    /// Sent with COMMIT.
    private var closing: [Query] = []
    private(set) var hasWritten = false
    package private(set) var changes = 0

    init(_ connection: any LaneConnection, opening: [Query]) {
        self.connection = connection
        self.opening = opening
    }

    var hasBegun: Bool { opening.isEmpty }

    package func prepared(_ sql: String) throws -> any PreparedStatement {
        LaneStatement(sql: sql) { try self.query($0) }
    }

    package func pipeline(_ queries: [Query]) throws -> [Rows] {
        let first = opening
        // Sent, even if it fails: there may be something to roll back.
        opening = []
        let rows = Array(try connection.pipeline(first + queries).dropFirst(first.count))
        if let last = rows.last { changes = last.affected }
        if zip(queries, rows).contains(where: { $0.mayHaveWritten($1) }) { hasWritten = true }
        return rows
    }

    /// Runs the statements with COMMIT, in the same round trip. The work must not depend on their results.
    package func atCommit(_ queries: [Query]) {
        closing += queries
        if !queries.isEmpty { hasWritten = true }
    }

    func commit() throws {
        let queries = opening + closing
        opening = []
        _ = try connection.commit(queries)
    }

    /// Throws always: the lane commits, not the work.
    package func commit(_ queries: [Query]) throws -> [Rows] { throw CommitFailure.rolledBack }

    package func rollback() throws {
        guard hasBegun else { return }
        try connection.rollback()
    }

    package func close() { connection.close() }
}

extension Query {
    /// False for a plain SELECT, and for a change of no row. A function that a SELECT calls must not write.
    fileprivate func mayHaveWritten(_ rows: Rows) -> Bool {
        if rows.tag.hasPrefix("SELECT") {
            // A common table expression may write.
            return sql.drop { $0.isWhitespace }.prefix(4).uppercased() == "WITH"
        }
        return rows.affected > 0 || !["INSERT", "UPDATE", "DELETE"].contains { rows.tag.hasPrefix($0) }
    }
}
