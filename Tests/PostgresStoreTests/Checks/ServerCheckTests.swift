import PayCore
import StoreTestSupport
import Testing

@testable import PostgresStore

@Suite(StoreKind.needsPostgres) struct ServerCheckTests {
    @Test func `the server of the tests is read as it is: unsafe on purpose, and not pooled`() throws {
        let uri = Secret(try #require(PostgresServer.uri))
        let reading = try ServerCheck.reading(of: uri)
        #expect(reading.version >= 140_000 && reading.encoding == "UTF8" && !reading.isStandby && !reading.isPooled)
        #expect(!reading.fsync && !reading.fullPageWrites && reading.synchronousCommit == "on")
        #expect(reading.synchronousStandbyNames.isEmpty && reading.standbys == .connected(0))
        // Both clocks are this machine's.
        #expect(abs(reading.clockOffset) <= reading.clockError + 1)
        let refusals = try ServerCheck.problems(at: uri, .single).filter(\.stopsStart).map(\.rule)
        #expect(refusals == [.fsync, .fullPageWrites])
        let managed = try ServerCheck.problems(at: uri, .managed)
        #expect(!managed.contains { $0.stopsStart })
    }

    @Test func `a setting of the role counts, because it is the session's`() async throws {
        try await withTestDatabase(.postgres) { database in
            let name = try #require(database.address.firstMatch(of: /paypage_test_[0-9a-f]+/)).0
            try database.tamper().execute("ALTER DATABASE \(name) SET synchronous_commit = off")
            let problems = try ServerCheck.problems(at: Secret(database.address), .managed)
            #expect(problems.filter(\.stopsStart).map(\.rule) == [.synchronousCommit])
        }
    }
}
