import Migrations
import PayCore
import PostgresStore
import Synchronization

/// A database on the server with the schema and no rows. The databases of tests are copies of it.
enum PostgresTemplate {
    /// By the schema's text, so that a server that is kept for several builds has a template for each.
    static let name = "paypage_template_\(history.digest.prefix(16))"

    private static let history = Migration(name: "all", sql: SchemaHistory.postgres.map(\.sql).joined())

    /// The first failure is every test's.
    private static let made = Mutex<Result<Void, any Error>?>(nil)

    static func copy(to database: String) throws {
        try made.withLock { made in
            let result = made ?? Result { try make() }
            made = result
            try result.get()
        }
        try onServer("CREATE DATABASE \(database) TEMPLATE \(name)")
    }

    static func drop(_ database: String) throws {
        try onServer("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
    }

    /// Several processes of one run may make the template at once. It gets its name once it is complete.
    private static func make() throws {
        let server = try PostgresTamper(uri: try PostgresServer.uri(of: "postgres"))
        try server.execute("SELECT pg_advisory_lock(5041595)")
        guard try server.texts("SELECT datname FROM pg_database WHERE datname = '\(name)'").isEmpty else { return }
        try server.execute("DROP DATABASE IF EXISTS \(name)_draft")
        try server.execute("CREATE DATABASE \(name)_draft TEMPLATE template0")
        try PostgresSchema.migrate(at: Secret(try PostgresServer.uri(of: "\(name)_draft")))
        try server.execute("ALTER DATABASE \(name)_draft RENAME TO \(name)")
    }

    private static func onServer(_ sql: String) throws {
        try PostgresTamper(uri: try PostgresServer.uri(of: "postgres")).execute(sql)
    }
}
