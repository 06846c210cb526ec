import LedgerSQL
import PayCore
import PayFlow
import PayTestSupport
import StoreTestSupport
import Testing

@testable import PostgresStore

@Suite(StoreKind.needsPostgres, .timeLimit(.minutes(1))) struct PrimaryWatchTests {
    @Test func `a service is ready behind its first heartbeat, and takes its row away at the end`() async throws {
        try await withTestDatabase(.postgres) { database in
            let address = try #require(ServerAddress(database.address))
            let ledger = PostgresLedger(address, PostgresLanes.Counts(), node: "a", .single)
            let tamper = try database.tamper()
            // A write that waits for the first heartbeat in the worst case.
            while (try? ledger.watch?.check()) == nil { await Task.yield() }
            try await ledger.checkWritable()
            #expect(try tamper.texts("SELECT node FROM node_beats") == ["a"])
            let report = try #require(ledger.watch?.report)
            #expect(report.clockVerdict == .agrees && report.beatAge.map { $0 < .seconds(60) } == true)
            try await ledger.close()
            #expect(try tamper.texts("SELECT node FROM node_beats") == [])
        }
    }

    @Test func `a command waits for a new primary's silence where a service has noted a term`() async throws {
        try await withTestDatabase(.postgres) { database in
            let connection = try PostgresConnection(try #require(ServerAddress(database.address)))
            let tamper = try database.tamper()
            var pauses: [Duration] = []
            try PrimaryTerm.waitIfNoted(on: connection) { pauses.append($0) }
            #expect(pauses.isEmpty)
            #expect(try tamper.number("SELECT count(*) FROM primary_terms") == 0)
            // The server was promoted since a service last noted a term.
            try tamper.execute("INSERT INTO primary_terms (timeline, began) VALUES (999, now() - interval '1 hour')")
            try PrimaryTerm.waitIfNoted(on: connection) { pauses.append($0) }
            #expect(pauses.count == 1)
            #expect(try tamper.number("SELECT count(*) FROM primary_terms") == 2)
            connection.close()
        }
    }

    @Test func `a replicated service notes the primary's term once, and writes behind its silence`() async throws {
        try await withTestDatabase(.postgres) { database in
            let address = try #require(ServerAddress(database.address))
            let tamper = try database.tamper()
            // A term that began long ago needs no wait.
            let timeline = try ServerIdentity(PostgresConnection(address), timeline: true).timeline
            try tamper.execute(
                "INSERT INTO primary_terms (timeline, began) VALUES (\(timeline), now() - interval '1 hour')")
            let ledger = PostgresLedger(address, PostgresLanes.Counts(), node: "a", .replicated)
            #expect(try await ledger.pause(Channel("alipay")!, at: Instant(milliseconds: 1_795_341_600_000)))
            #expect(try await ledger.pausedChannels() == [Channel("alipay")!])
            #expect(try tamper.number("SELECT count(*) FROM primary_terms") == 1)
            try await ledger.close()
        }
    }

    @Test func `the first to meet a primary stores its term and waits for the rest of the silence`() async throws {
        try await withTestDatabase(.postgres) { database in
            let connection = try PostgresConnection(try #require(ServerAddress(database.address)))
            let server = ServerIdentity(address: "", startedAt: "", timeline: 7)
            var waits: [Duration] = []
            try PrimaryTerm.wait(for: server, on: connection) { waits.append($0) }
            let first = try #require(waits.first)
            #expect(first > .zero && first <= PrimaryState.silence)
            try database.tamper().execute("UPDATE primary_terms SET began = began - interval '2 seconds'")
            try PrimaryTerm.wait(for: server, on: connection) { waits.append($0) }
            #expect(waits.count == 1)
            // The server's clock was set back: the wait is no longer than the silence.
            try database.tamper().execute("UPDATE primary_terms SET began = began + interval '1 day'")
            try PrimaryTerm.wait(for: server, on: connection) { waits.append($0) }
            #expect(waits.last == PrimaryState.silence)
        }
    }

    @Test func `an answer of a server that is not known to be the primary is no answer`() throws {
        let watch = PrimaryWatch(node: "a", .replicated) { _ in
            throw ConnectionLost.notConnected(because: "nobody is there")
        }
        let frozen = ServerIdentity(address: "", startedAt: "", timeline: 1)
        let connection = WatchedConnection(ScriptedConnection(ScriptedServer()), frozen, watch)
        #expect(throws: PostgresFailure.self) { try connection.query(Query("SELECT 1")) }
        #expect(throws: LedgerUnavailable(.notPrimary)) { try watch.check() }
        watch.close()
    }
}
