import Foundation

/// A primary, and a standby that confirms each commit, with the schema of the service.
struct PostgresCluster: Sendable {
    let primary: ClusterServer
    let standby: ClusterServer

    /// Both servers. The service finds the primary.
    let uri: String

    var settings: [String: String] { ["PAYPAGE_DATABASE_URL": uri] }

    private static let confirmedByOne = "ANY 1 (*)"

    /// Every process of the cluster ends with the body, whatever its result.
    static func run(_ body: (PostgresCluster) async throws -> Void) async throws {
        guard let programs = PostgresPrograms.found else { throw PostgresPrograms.NotInstalled() }
        try await withFolder { folder in
            let cluster = try PostgresCluster(folder: folder, programs: programs)
            do {
                try await cluster.start(folder)
                try await body(cluster)
            } catch {
                for server in [cluster.primary, cluster.standby] { print("--- log of \(server.folder)\n\(server.log)") }
                try await cluster.end()
                throw error
            }
            try await cluster.end()
        }
    }

    private init(folder: String, programs: PostgresPrograms) throws {
        primary = try ClusterServer(folder: "\(folder)/a", programs: programs)
        standby = try ClusterServer(folder: "\(folder)/b", programs: programs)
        uri = "postgresql://paypage@/postgres?host=\(primary.folder),\(standby.folder)"
    }

    private func start(_ folder: String) async throws {
        try await primary.initialize()
        try standby.follow(primary)
        try await primary.start(["synchronous_standby_names": Self.confirmedByOne])
        // Once it is promoted, it goes on alone, as a failover manager tells the last server of a cluster.
        try await standby.start(["primary_conninfo": "host=\(primary.folder) user=paypage"])
        try await poll("the standby confirms commits") { [primary] in
            try await primary.rows("SELECT sync_state FROM pg_stat_replication") == ["quorum"] ? () : nil
        }
        let migrated = try await Paypage.run(["migrate"], settings: settings, in: folder)
        guard migrated.end == .exited(0) else {
            throw ChildProcess.NotStarted(description: "migrate: \(migrated.output)\n\(migrated.errors)")
        }
    }

    private func end() async throws {
        for server in [primary, standby] { try await server.kill() }
    }
}
