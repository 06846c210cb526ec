import Foundation
import PayCore
import PayFlow
import PostgresStore

/// A PostgreSQL database of this process alone, on a server that several simulators may share.
///
/// The ledgers stay open from world to world: their connections cost more than a small world.
final class SimulatedServer: SimulatedDatabase {
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    private let server: ServerAddress
    private let name: String
    private let address: ServerAddress
    private let connection: PostgresConnection
    private var ledgers: [PostgresLedger] = []

    /// Makes the database, and applies the migrations.
    ///
    /// - Parameter uri: leads to any database of the server.
    init(uri: String) throws {
        let name = Self.name(ofProcess: getpid())
        guard var parts = URLComponents(string: uri), let server = ServerAddress(uri) else { throw Self.noURI }
        parts.path = "/\(name)"
        guard let own = parts.string, let address = ServerAddress(own) else { throw Self.noURI }
        self.server = server
        self.name = name
        self.address = address
        try Self.deleteDatabase(ofProcess: getpid(), on: uri)
        try Self.execute("CREATE DATABASE \(name) TEMPLATE template0", on: server)
        try PostgresSchema.migrate(at: Secret(own))
        connection = try PostgresConnection(address, .patient)
    }

    /// Deletes the database that a simulator left behind when it was ended. Does nothing if there is none.
    static func deleteDatabase(ofProcess pid: Int32, on uri: String) throws {
        guard let server = ServerAddress(uri) else { throw noURI }
        try execute("DROP DATABASE IF EXISTS \(name(ofProcess: pid)) WITH (FORCE)", on: server)
    }

    /// Keeps the schema's own rows, and the commit marks of the connections that stay open.
    private static let emptying = """
        DO $$
        BEGIN
            EXECUTE (
                SELECT 'TRUNCATE ' || string_agg(format('%I', relname), ', ') || ' RESTART IDENTITY CASCADE'
                FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
                AND relname NOT IN ('eras', 'commit_marks', 'schema_migrations'));
        END $$
        """

    func empty() throws { try connection.execute(Self.emptying) }

    func ledger(_ slot: Int) throws -> any Store {
        while ledgers.count <= slot {
            // One write lane is enough: a world makes one call at a time.
            ledgers.append(PostgresLedger(address, PostgresLanes.Counts(writers: 1)))
        }
        return ledgers[slot]
    }

    func endWorld() {}

    func delete() {
        for ledger in ledgers {
            Task { try? await JobQueue.shared.foreign { _ = try await ledger.close() } }
            JobQueue.shared.runUntilQuiet()
        }
        ledgers = []
        connection.close()
        try? Self.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)", on: server)
    }

    private static let noURI = Unusable(description: "the server's address is not a URI that libpq can read")

    private static func name(ofProcess pid: Int32) -> String { "paypage_simulator_\(pid)" }

    private static func execute(_ sql: String, on server: ServerAddress) throws {
        let connection = try PostgresConnection(server, .patient)
        defer { connection.close() }
        try connection.execute(sql)
    }
}
