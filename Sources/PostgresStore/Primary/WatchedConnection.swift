import LedgerSQL

/// A connection whose answers count only while its server is known to be the primary. A server that was frozen while
/// another was promoted answers reads with what it had.
///
/// A commit needs no such proof: a standby confirms it.
final class WatchedConnection: LaneConnection {
    private let connection: any LaneConnection
    private let server: ServerIdentity
    private let watch: PrimaryWatch

    init(_ connection: any LaneConnection, _ server: ServerIdentity, _ watch: PrimaryWatch) {
        self.connection = connection
        self.server = server
        self.watch = watch
    }

    var changes: Int { connection.changes }

    func prepared(_ sql: String) throws -> any PreparedStatement {
        LaneStatement(sql: sql) { try self.query($0) }
    }

    func pipeline(_ queries: [Query]) throws -> [Rows] {
        let rows = try connection.pipeline(queries)
        try watch.confirm(server)
        return rows
    }

    func commit(_ queries: [Query]) throws -> [Rows] {
        do {
            return try connection.commit(queries)
        } catch let failure as CommitFailure {
            if case .warned = failure { watch.sawUnconfirmedCommit() }
            throw failure
        }
    }

    func rollback() throws { try connection.rollback() }

    func close() { connection.close() }
}
