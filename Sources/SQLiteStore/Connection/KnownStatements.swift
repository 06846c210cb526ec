import GRDB
import LedgerSQL

/// The prepared statements of one connection by their numbers. Used on the connection's queue alone.
final class KnownStatements: @unchecked Sendable {
    private var statements: [Statement?] = []

    func statement(_ sql: NumberedSQL, _ database: Database) throws -> Statement {
        if sql.number < statements.count, let known = statements[sql.number] { return known }
        let statement = try database.cachedStatement(sql: sql.text[.sqlite])
        while statements.count <= sql.number { statements.append(nil) }
        statements[sql.number] = statement
        return statement
    }

    /// Call before the connection is closed: SQLite closes none with a statement.
    func removeAll() { statements = [] }
}
