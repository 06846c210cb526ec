import LedgerSQL
import PayCore
import PayFlow
import StoreTestSupport
import Synchronization
import Testing

@testable import PostgresStore

@Suite(StoreKind.needsPostgres) struct PostgresLanesTests {
    private func withLanes(
        waits: LaneWaits = LaneWaits(), _ body: (PostgresLanes, TestDatabase) async throws -> Void
    ) async throws {
        try await withTestDatabase(.postgres) { database in
            let lanes = PostgresLanes(try #require(ServerAddress(database.address)), waits: waits)
            defer { lanes.close() }
            _ = try await lanes.write(.brief) { db in
                try db.prepared("CREATE TABLE things (name text PRIMARY KEY, count bigint NOT NULL DEFAULT 0)").run()
            }
            try await body(lanes, database)
        }
    }

    private static let adding = """
        INSERT INTO things (name, count) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET count = things.count + 1
        """

    private func count(_ name: String, _ lanes: PostgresLanes) async throws -> Int64? {
        try await lanes.findOnce { db in
            try db.prepared("SELECT count FROM things WHERE name = :name").first([name]) { $0.integer(0) }
        }
    }

    @Test func `what a write stored is found by every read after it`() async throws {
        try await withLanes { lanes, _ in
            try await lanes.write(.clock()) { try $0.prepared(Self.adding).run(["a"]) }
            #expect(try await count("a", lanes) == 1)
            let found = try await lanes.read { db in
                try db.prepared("SELECT name FROM things").all { $0.text(0) }
            }
            #expect(found == ["a"])
        }
    }

    @Test func `two hundred writes of five orders at once are each stored once`() async throws {
        try await withLanes { lanes, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<200 {
                    let name = "ORDER\(index % 5)"
                    let number = try #require(OrderNumber(name))
                    group.addTask {
                        try await lanes.write(.order(number)) { try $0.prepared(Self.adding).run([name]) }
                    }
                }
                try await group.waitForAll()
            }
            for index in 0..<5 { #expect(try await count("ORDER\(index)", lanes) == 40) }
        }
    }

    @Test func `the error of a decision takes its writes back and leaves the lane in use`() async throws {
        struct Refused: Error {}
        try await withLanes { lanes, _ in
            await #expect(throws: Refused.self) {
                try await lanes.write(.brief) { db in
                    try db.prepared(Self.adding).run(["a"])
                    throw Refused()
                }
            }
            #expect(try await count("a", lanes) == nil)
            try await lanes.write(.brief) { try $0.prepared(Self.adding).run(["b"]) }
            #expect(try await count("b", lanes) == 1)
        }
    }

    @Test func `a snapshot stays the same while others commit`() async throws {
        try await withLanes { lanes, database in
            let tamper = try database.tamper()
            let counts = try await lanes.find { db in
                let counting = try db.prepared("SELECT count(*) FROM things")
                let before = try counting.first { $0.integer(0) }
                try tamper.execute("INSERT INTO things (name) VALUES ('b')")
                return [before, try counting.first { $0.integer(0) }]
            }
            #expect(counts == [0, 0])
            #expect(try await count("b", lanes) == 0)
        }
    }

    @Test func `a read can't write`() async throws {
        try await withLanes { lanes, _ in
            await #expect(throws: (any Error).self) {
                try await lanes.find { try $0.prepared(Self.adding).run(["a"]) }
            }
        }
    }

    /// A server that ends every connection is what a restart looks like.
    @Test func `writes and reads survive the end of all connections`() async throws {
        try await withLanes { lanes, database in
            let tamper = try database.tamper()
            for round in 1...5 {
                try await lanes.write(.brief) { try $0.prepared(Self.adding).run(["a"]) }
                #expect(try await count("a", lanes) == Int64(round))
                try tamper.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        + "WHERE datname = current_database() AND pid <> pg_backend_pid()")
            }
        }
    }

    @Test func `a connection that ends in the middle of a transaction runs it again from its beginning`() async throws {
        try await withLanes { lanes, database in
            let tamper = try database.tamper()
            let runs = Mutex(0)
            try await lanes.write(.brief) { db in
                try db.prepared(Self.adding).run(["a"])
                if runs.withLock({
                    $0 += 1; return $0
                }) == 1 {
                    let process = try db.prepared("SELECT pg_backend_pid()").first { $0.integer(0) }
                    try tamper.execute("SELECT pg_terminate_backend(\(process ?? 0), 5000)")
                }
                try db.prepared(Self.adding).run(["a"])
            }
            #expect(try await count("a", lanes) == 2)
            #expect(runs.withLock { $0 } == 2)
        }
    }

    @Test func `a write behind another's lock is told as busy at its deadline, and others pass it`() async throws {
        var waits = LaneWaits()
        waits.lockLimit = .zero
        try await withLanes(waits: waits) { lanes, database in
            try await lanes.write(.brief) { try $0.prepared(Self.adding).run(["a"]) }
            let other = try PostgresConnection(try #require(ServerAddress(database.address)))
            _ = try other.pipeline([Query("BEGIN"), Query("UPDATE things SET count = 5 WHERE name = 'a'")])
            let blocked = Task { try await lanes.write(.brief) { try $0.prepared(Self.adding).run(["a"]) } }
            try await lanes.write(.brief) { try $0.prepared(Self.adding).run(["b"]) }
            await #expect(throws: LedgerUnavailable(.busy)) { try await blocked.value }
            _ = try other.commit([])
            try await lanes.write(.brief) { try $0.prepared(Self.adding).run(["a"]) }
            #expect(try await count("a", lanes) == 6)
        }
    }

    @Test func `a closed lane finishes what waits and refuses the rest`() async throws {
        try await withTestDatabase(.postgres) { database in
            let lanes = PostgresLanes(try #require(ServerAddress(database.address)))
            let started = AsyncStream<Void>.makeStream()
            let stored = Task {
                try await lanes.write(.clock()) { db in
                    started.continuation.yield()
                    return db.changes
                }
            }
            for await _ in started.stream { break }
            lanes.close()
            #expect(try await stored.value == 0)
            await #expect(throws: LanesClosed.self) { try await lanes.write(.clock()) { $0.changes } }
            await #expect(throws: LanesClosed.self) { try await lanes.find { $0.changes } }
        }
    }

    @Test func `a server that can't be reached is told as such, without its address`() async throws {
        var waits = LaneWaits()
        waits.reconnectLimit = .zero
        let address = try #require(ServerAddress("postgresql://user:secret@127.0.0.1:1/db"))
        let lanes = PostgresLanes(address, waits: waits)
        await #expect(throws: LedgerUnavailable(.unreachable)) { try await lanes.write(.brief) { $0.changes } }
        await #expect(throws: LedgerUnavailable(.unreachable)) { try await lanes.find { $0.changes } }
        lanes.close()
    }
}
