import Foundation
package import PayCore

/// A new PostgreSQL database without a schema.
package struct EmptyPostgres: Sendable {
    package let name: String
    package let uri: Secret

    package func tamper() throws -> any Tamper { try PostgresTamper(uri: uri.reveal()) }
}

/// Deletes the database when `body` returns.
///
/// - Parameter options: options of `CREATE DATABASE`.
@discardableResult
package func withEmptyPostgres<Value>(
    _ options: String = "", _ body: (EmptyPostgres) async throws -> Value
) async throws -> Value {
    let name = "paypage_test_\(UUID().uuidString.lowercased().filter { $0 != "-" })"
    let server = try PostgresTamper(uri: try PostgresServer.uri(of: "postgres"))
    try server.execute("CREATE DATABASE \(name) TEMPLATE template0 \(options)")
    defer { try? server.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }
    return try await body(EmptyPostgres(name: name, uri: Secret(try PostgresServer.uri(of: name))))
}
