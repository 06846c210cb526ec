import CPQ
import Synchronization

/// A blocking connection to a server. The store under test has connections of its own.
final class PostgresTamper: Tamper {
    private let connection: Mutex<OpenConnection>

    init(uri: String) throws { connection = Mutex(try OpenConnection(uri: uri)) }

    /// Several statements in one text are one transaction.
    func execute(_ sql: String) throws { _ = try connection.withLock { try $0.run(sql) } }

    func texts(_ sql: String) throws -> [String] { try connection.withLock { try $0.run(sql) } }

    func executeWithoutRules(_ sql: String) throws {
        try execute(Self.removingRules)
        try execute(sql)
    }

    func writes() throws -> String { try texts(Self.rowVersions).joined() }

    func settle() throws {
        let latest = try texts("SELECT pg_current_xact_id()").joined()
        let isOver = "SELECT 1 WHERE pg_snapshot_xmin(pg_current_snapshot()) > '\(latest)'::xid8"
        while try texts(isOver).isEmpty {}
    }

    func refusal(of sql: String) throws -> Refusal? {
        try connection.withLock { connection in
            _ = try connection.run("BEGIN")
            defer { _ = try? connection.run("ROLLBACK") }
            do {
                _ = try connection.run(sql)
                _ = try connection.run("SET CONSTRAINTS ALL IMMEDIATE")
                return nil
            } catch let refusal as Refusal {
                return refusal
            }
        }
    }

    private static let removingRules = """
        DO $$
        DECLARE
            sql text;
        BEGIN
            FOR sql IN
                SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
            LOOP EXECUTE sql; END LOOP;
            FOR sql IN
                SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
                WHERE contype IN ('c', 'f') AND conrelid <> 0 AND connamespace = current_schema()::regnamespace
            LOOP EXECUTE sql; END LOOP;
            DROP INDEX IF EXISTS attempts_one_live;
        END $$
        """

    /// Counted over the tables that tell of orders, not over those in which a process notes its own life.
    private static let rowVersions = """
        SELECT md5(string_agg(query_to_xml(format(
            'SELECT md5(coalesce(string_agg(xmin::text || ctid::text, '','' ORDER BY ctid), '''')) FROM %s', oid::regclass
        ), false, true, '')::text, '' ORDER BY relname))
        FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
            AND relname NOT IN ('commit_marks', 'clock_shares', 'change_times', 'node_beats', 'primary_terms', 'row_locks')
        """
}

/// Closed with its last use.
private struct OpenConnection: ~Copyable {
    private let connection: OpaquePointer?

    init(uri: String) throws {
        connection = PQconnectdb(uri)
        guard PQstatus(connection) == CONNECTION_OK else {
            throw Refusal(kind: .other, rule: "", message: String(cString: PQerrorMessage(connection)))
        }
        // Notices of a test would mix with its output.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit { PQfinish(connection) }

    /// The first column of every row, without nulls.
    func run(_ sql: String) throws -> [String] {
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: break
        default: throw Refusal(result)
        }
        return (0..<PQntuples(result)).compactMap { row in
            PQgetisnull(result, row, 0) == 1 ? nil : String(cString: PQgetvalue(result, row, 0))
        }
    }
}

extension Refusal {
    fileprivate init(_ result: OpaquePointer?) {
        // The macros PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY and PG_DIAG_CONSTRAINT_NAME.
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        let message = field("M") ?? String(cString: PQresultErrorMessage(result))
        let name = field("n") ?? ""
        switch field("C") {
        case "23514": self.init(kind: .check, rule: name, message: message)
        case "23505": self.init(kind: .unique, rule: name, message: message)
        case "23503": self.init(kind: .foreignKey, rule: name, message: message)
        case "P0001": self.init(kind: .guard, rule: Refusal.ruleOfGuard(message) ?? "", message: message)
        default: self.init(kind: .other, rule: "", message: message)
        }
    }
}
