import Foundation
package import Testing

/// The databases that a store is tested on.
package enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    package var testDescription: String { rawValue }

    /// The kinds that this run of the tests has a database for.
    package static let available: [StoreKind] = allCases.filter { $0 == .sqlite || PostgresServer.uri != nil }

    /// How long before the time of `updatedAfter` a list begins. Several processes do not commit in the order of their
    /// times.
    package var overlapOfLists: Duration { self == .postgres ? .seconds(60) : .zero }

    /// The kind for tests of the layers above a store: SQLite, unless `PAYPAGE_TEST_DATABASE` is `postgresql`.
    package static let usual: StoreKind =
        ProcessInfo.processInfo.environment["PAYPAGE_TEST_DATABASE"] == "postgresql" ? .postgres : .sqlite

    /// Skips a test of PostgreSQL alone if the run has no server.
    package static let needsPostgres = ConditionTrait.enabled(
        if: PostgresServer.uri != nil, "no PostgreSQL server: run the tests by script/postgres run, as script/test does"
    )
}

/// The server that `script/postgres` made for this run of the tests.
package enum PostgresServer {
    /// Leads to a database that nothing is stored in; nil if the run has no server.
    package static let uri: String? = ProcessInfo.processInfo.environment["PAYPAGE_TEST_POSTGRES"]

    /// The address of a database on the server.
    package static func uri(of database: String) throws -> String {
        guard let uri, var parts = URLComponents(string: uri) else { throw NoServer() }
        parts.path = "/\(database)"
        return parts.string ?? uri
    }

    private struct NoServer: Error, CustomStringConvertible {
        let description = "PAYPAGE_TEST_POSTGRES doesn't name a server: run the tests by script/postgres run"
    }
}
