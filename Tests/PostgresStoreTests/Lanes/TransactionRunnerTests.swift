import PayFlow
import Synchronization
import Testing

@testable import PostgresStore

@Suite struct TransactionRunnerTests {
    /// A clock that only the runner's own pauses move.
    final class StillClock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        let start: ContinuousClock.Instant
        /// Moves by this with each look, for waits without pauses.
        let perLook: Duration

        init(perLook: Duration = .zero) {
            start = time.withLock { $0 }
            self.perLook = perLook
        }

        var waits: LaneWaits {
            LaneWaits(
                now: { self.move(self.perLook) }, sleep: { _ = self.move($0) }, random: { 0.5 })
        }

        private func move(_ duration: Duration) -> ContinuousClock.Instant {
            time.withLock { time in
                time += duration
                return time
            }
        }
    }

    private let server = ScriptedServer()
    private let clock = StillClock(perLook: .milliseconds(1))

    private func runner() -> TransactionRunner {
        TransactionRunner(waits: clock.waits) { [server] in try server.connect() }
    }

    /// Reads, then writes one number, in two round trips before the commit.
    private func insert(_ number: Int64, _ runner: TransactionRunner, waitsForLocks: Bool = true) throws -> Int64 {
        try runner.run(arrivedAt: clock.start, locking: ["A1"], waitsForLocks: waitsForLocks) { db in
            _ = try db.query(Query("SELECT numbers"))
            _ = try db.query(.insert(number))
            return number
        }
    }

    private static let failures = ["40001", "40P01", "57014", "55P03", "25006", "57P01", "08006", "PP001", "23505"]

    /// The messages of one transaction: the row of marks, begin with the first statement, the write, the commit.
    @Test(arguments: 1...4, failures)
    func `a fault at any message that another try mends is mended, and stored once`(
        message: Int, state: String
    ) throws {
        server.faults[message] = .failure(PostgresFailure(sqlState: SQLState(state), message: ""))
        #expect(try insert(7, runner()) == 7)
        #expect(server.stored == [7])
    }

    @Test(arguments: 1...4, [true, false])
    func `a connection that breaks at any message costs no write, and stores none twice`(
        message: Int, isBehind: Bool
    ) throws {
        server.faults[message] = isBehind ? .lostBehind : .lostBefore
        let runner = runner()
        #expect(try insert(7, runner) == 7)
        #expect(server.stored == [7])
        #expect(try insert(8, runner) == 8)
        #expect(server.stored == [7, 8])
    }

    @Test func `a commit with a warning is looked up on another connection`() throws {
        server.faults[4] = .warning
        #expect(try insert(7, runner()) == 7)
        #expect(server.stored == [7] && server.connections == 2)
    }

    @Test func `a look at a commit that gets a warning too is repeated`() throws {
        server.faults = [4: .warning, 5: .warning, 6: .lostBehind]
        #expect(try insert(7, runner()) == 7)
        #expect(server.stored == [7] && server.connections == 4)
    }

    @Test func `a commit whose outcome can't be found out is told as unknown`() throws {
        server.faults[4] = .lostBehind
        let runner = runner()
        let lost = ConnectionLost.notConnected(because: "refused")
        #expect(Recovery(from: lost, in: .working) == .reconnect)
        #expect(throws: LedgerUnavailable(.outcomeUnknown)) {
            try runner.run(arrivedAt: clock.start) { db in
                _ = try db.query(Query("SELECT numbers"))
                _ = try db.query(.insert(7))
                server.refusesConnections = 1_000
            }
        }
        #expect(server.stored == [7])
    }

    @Test func `a commit whose mark is missing is told as unknown`() throws {
        server.faults[4] = .lostBefore
        #expect(throws: LedgerUnavailable(.outcomeUnknown)) {
            try runner().run(arrivedAt: clock.start) { db in
                _ = try db.query(Query("SELECT numbers"))
                _ = try db.query(.insert(7))
                server.marks = [:]
            }
        }
    }

    @Test func `a server that stays away for 15 seconds is unreachable`() throws {
        server.refusesConnections = 1_000_000
        #expect(throws: LedgerUnavailable(.unreachable)) { try insert(7, runner()) }
        #expect(clock.waits.now() >= clock.start + .seconds(15))
        #expect(clock.waits.now() < clock.start + .seconds(16))
    }

    @Test func `a server that comes back within 15 seconds is waited for`() throws {
        server.refusesConnections = 50
        #expect(try insert(7, runner()) == 7)
    }

    @Test func `a server that stays a standby is told as such`() throws {
        for message in 1...1_000 {
            server.faults[message] = .failure(PostgresFailure(sqlState: .readOnlyTransaction, message: ""))
        }
        #expect(throws: LedgerUnavailable(.notPrimary)) { try insert(7, runner()) }
    }

    @Test func `a transaction that always meets others ends after nine tries`() throws {
        var tries = 0
        #expect(throws: LedgerUnavailable(.busy)) {
            try runner().run(arrivedAt: clock.start) { _ in
                tries += 1
                throw PostgresFailure(sqlState: .deadlockDetected, message: "")
            }
        }
        #expect(tries == 9)
    }

    @Test func `a locked order is handed on by a lane that does not wait`() throws {
        server.lockedTries = 1
        #expect(throws: TransactionRunner.Locked.self) { try insert(7, runner(), waitsForLocks: false) }
        #expect(server.stored == [])
    }

    @Test func `a locked order is waited for, for five seconds at most`() throws {
        server.lockedTries = 3
        #expect(try insert(7, runner()) == 7)
        server.lockedTries = 1_000_000
        #expect(throws: LedgerUnavailable(.busy)) { try insert(8, runner()) }
        #expect(server.stored == [7])
    }

    @Test(arguments: ["23514", "23503", "P0001", "42703"])
    func `a rule of the schema is thrown as it is, without a second try`(state: String) throws {
        let failure = PostgresFailure(sqlState: SQLState(state), message: "", constraint: "a_rule")
        server.faults[3] = .failure(failure)
        let runner = runner()
        #expect(throws: failure) { try insert(7, runner) }
        #expect(try insert(8, runner) == 8)
        #expect(server.stored == [8] && server.connections == 1)
    }

    @Test func `a key that is taken twice is thrown`() throws {
        let failure = PostgresFailure(sqlState: .uniqueViolation, message: "", constraint: "a_key")
        var tries = 0
        #expect(throws: failure) {
            try runner().run(arrivedAt: clock.start) { _ in
                tries += 1
                throw failure
            }
        }
        #expect(tries == 2)
    }

    @Test func `the error of a decision takes its writes back`() throws {
        struct Refused: Error {}
        let runner = runner()
        #expect(throws: Refused.self) {
            try runner.run(arrivedAt: clock.start) { db in
                _ = try db.query(.insert(7))
                throw Refused()
            }
        }
        #expect(try insert(8, runner) == 8)
        #expect(server.stored == [8])
    }

    @Test func `work that wrote nothing is not committed`() throws {
        let found = try runner().run(arrivedAt: clock.start) { try $0.query(Query("SELECT numbers")).count }
        #expect(found == 0)
        #expect(server.marks.values.map(\.mark) == [0])
    }

    @Test func `work without statements asks the server for nothing`() throws {
        let runner = runner()
        _ = try insert(7, runner)
        let before = server.messages
        #expect(try runner.run(arrivedAt: clock.start) { _ in 5 } == 5)
        #expect(server.messages == before)
    }

    @Test func `statements for the commit are sent with it`() throws {
        let runner = runner()
        try runner.run(arrivedAt: clock.start) { $0.atCommit([.insert(7), .insert(8)]) }
        #expect(server.stored == [7, 8])
        // The row of marks, and one round trip for everything.
        #expect(server.messages == 2)
    }
}
