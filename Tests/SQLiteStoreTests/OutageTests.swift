import Foundation
import GRDB
import LedgerSQL
import PayFlow
import StoreTestSupport
import Synchronization
import Testing

@testable import PayCore
@testable import SQLiteStore

/// Answers during a database outage, and recovery after it.
@Suite(.timeLimit(.minutes(1))) struct OutageTests {
    /// So short that a test barely waits for a lock that is held.
    private static let shortWait = Duration.milliseconds(20)

    private let number = orderNumber("order_1")

    private func reason(_ body: () async throws -> Void) async -> LedgerUnavailable.Reason? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? LedgerUnavailable)?.reason
        }
    }

    @Test func `while another process holds the write lock, writes fail as busy, and reads go on`() async throws {
        try await withScratch { scratch in
            let ledger = try SQLiteLedger(path: scratch.path, busyLimit: Self.shortWait)
            try await ledger.put(order("order_1"))
            let other = try scratch.holder()
            try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
            #expect(await reason { try await ledger.put(order("order_2")) } == .busy)
            #expect(await reason { try await ledger.checkWritable() } == .busy)
            #expect(try await ledger.order(number) == order("order_1"))
            try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
            try await ledger.put(order("order_2"))
            try await ledger.checkWritable()
        }
    }

    private func withPage(_ name: String) -> Order {
        order(name, attempts: [attempt(trade(name, 1), pages: [page()])])
    }

    @Test func `a full disk fails writes as full, and reads go on`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1"))
            try await ledger.setMostPages(1)  // SQLite takes the number of pages that are there.
            let failure = await reason { for index in 2...500 { try await ledger.put(withPage("order_\(index)")) } }
            #expect(failure == .full)
            #expect(try await ledger.order(number) == order("order_1"))
            try await ledger.setMostPages(1_000_000)
            try await ledger.put(withPage("order_501"))
        }
    }

    @Test func `the readiness check fails as full while the disk has no room for a decision`() async throws {
        try await withScratch { scratch in
            let wait = WriteWait(limit: .seconds(5))
            let ledger = try SQLiteLedger(path: scratch.path, writesPerCommit: 1, wait: wait, leastRoom: .max)
            #expect(await reason { try await ledger.checkWritable() } == .full)
        }
    }

    @Test func `a read-only database fails writes and the readiness check as read-only`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1"))
            try await ledger.setReadOnly(true)
            #expect(await reason { try await ledger.put(order("order_2")) } == .readOnly)
            #expect(await reason { try await ledger.checkWritable() } == .readOnly)
            #expect(try await ledger.order(number) == order("order_1"))
            try await ledger.setReadOnly(false)
            try await ledger.checkWritable()
        }
    }

    /// An accident to the files of an open database.
    enum Accident: String, CaseIterable {
        case deleted, moved, replaced, restored, folderMoved, walDeleted, indexDeleted

        func happen(to scratch: Scratch) throws {
            let files = FileManager.default
            let (path, folder) = (scratch.path, scratch.folder.path)
            switch self {
            case .deleted: try files.removeItem(atPath: path)
            case .moved: try files.moveItem(atPath: path, toPath: path + ".away")
            case .replaced:
                try files.copyItem(atPath: path, toPath: path + ".copy")
                try files.removeItem(atPath: path)
                try files.moveItem(atPath: path + ".copy", toPath: path)
            case .restored:
                try files.removeItem(atPath: path)
                try Schema.migrate(at: path)
            case .folderMoved: try files.moveItem(atPath: folder, toPath: folder + ".away")
            case .walDeleted: try files.removeItem(atPath: path + "-wal")
            case .indexDeleted: try files.removeItem(atPath: path + "-shm")
            }
        }
    }

    @Test(arguments: Accident.allCases)
    func `a commit in a moved or replaced file is not acknowledged`(_ accident: Accident) async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1"))
            try accident.happen(to: scratch)
            #expect(await reason { try await ledger.put(order("order_2")) } == .moved)
            #expect(await reason { _ = try await ledger.order(number) } == .moved)
            #expect(await reason { _ = try await ledger.history(of: number) } == .moved)
            #expect(await reason { _ = try await ledger.ordersToRecover(on: [sandbox], at: noon, limit: 1) } == .moved)
            #expect(await reason { try await ledger.checkWritable() } == .moved)
            #expect(ledger.era() == nil)
            try? FileManager.default.removeItem(atPath: scratch.folder.path + ".away")
        }
    }

    @Test func `a moved file fails reads, and is used again once it is back`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1"))
            try FileManager.default.moveItem(atPath: scratch.path, toPath: scratch.path + ".away")
            #expect(throws: LedgerUnavailable(.moved)) { try ledger.checkAddress() }
            #expect(await reason { _ = try await ledger.order(number) } == .moved)
            try FileManager.default.moveItem(atPath: scratch.path + ".away", toPath: scratch.path)
            try ledger.checkAddress()
            #expect(try await ledger.order(number) == order("order_1"))
            try await ledger.put(order("order_2"))
        }
    }

    @Test func `the readiness check commits a write to one row`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let other = try scratch.connection()
            for writes in 1...3 {
                let before = try other.dataVersion()
                try await ledger.checkWritable()
                #expect(try other.dataVersion() != before)
                #expect(try other.texts("SELECT writes FROM readiness") == ["\(writes)"])
            }
            await #expect(throws: DatabaseError.self) {
                try await other.write { try $0.execute(sql: "INSERT INTO readiness (id, writes) VALUES (2, 1)") }
            }
        }
    }

    @Test(
        arguments: [
            (ResultCode.SQLITE_BUSY, LedgerUnavailable.Reason.busy), (.SQLITE_BUSY_SNAPSHOT, .busy),
            (.SQLITE_PROTOCOL, .busy), (.SQLITE_FULL, .full), (.SQLITE_READONLY, .readOnly),
            (.SQLITE_READONLY_DBMOVED, .moved), (.SQLITE_IOERR_WRITE, .inputOutput), (.SQLITE_CANTOPEN, .inputOutput),
            (.SQLITE_CORRUPT, .damaged), (.SQLITE_NOTADB, .damaged), (.SQLITE_CONSTRAINT, nil), (.SQLITE_ERROR, nil),
        ] as [(ResultCode, LedgerUnavailable.Reason?)])
    func `each SQLite code is an outage or another error`(
        code: ResultCode, reason: LedgerUnavailable.Reason?
    ) {
        #expect(LedgerUnavailable(DatabaseError(resultCode: code))?.reason == reason)
    }
}

/// A write's time counts from its arrival, whatever it waits for. The clock is moved by hand, and its hours are never
/// waited for: a write that began its wait anew would outlive the test.
@Suite(.timeLimit(.minutes(1))) struct WriteWaitTests {
    private final class HandClock: Sendable {
        private let instant = Mutex(ContinuousClock.now)

        var now: ContinuousClock.Instant { instant.withLock { $0 } }

        func advance(by duration: Duration) { instant.withLock { $0 += duration } }
    }

    private struct Bench {
        let clock = HandClock()
        let ledger: SQLiteLedger
        let other: DatabaseQueue
        private let release = DispatchSemaphore(value: 0)
        let outcomes: AsyncStream<String>
        private let tell: AsyncStream<String>.Continuation

        init(_ scratch: Scratch) throws {
            let clock = clock
            ledger = try SQLiteLedger(
                path: scratch.path, writesPerCommit: 128, wait: WriteWait(limit: .seconds(3_600)) { clock.now })
            other = try scratch.holder()
            (outcomes, tell) = AsyncStream.makeStream()
        }

        /// Another process takes the write lock, and our writer's queue is held, so that writes gather in it.
        func hold() throws {
            try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
            ledger.pool.writeLater { [release] _ in release.wait() }
        }

        func letGo() { release.signal() }

        func submit(_ name: String) {
            let write = QueuedWrite { [tell] _ in
                { tell.yield("\(name) stored") }
            } fail: { [tell] error in
                tell.yield("\(name) \((error as? LedgerUnavailable)?.reason.rawValue ?? "\(error)")")
            }
            ledger.committer.submit(write)
        }
    }

    @Test func `writes that waited in the queue until their deadline fail at once`() async throws {
        try await withScratch { scratch in
            let bench = try Bench(scratch)
            try bench.hold()
            for name in ["a", "b", "c"] { bench.submit(name) }
            bench.clock.advance(by: .seconds(3_600))
            bench.letGo()
            var told: [String] = []
            for await outcome in bench.outcomes.prefix(3) { told.append(outcome) }
            #expect(told == ["a busy", "b busy", "c busy"])
        }
    }

    @Test func `a single write that waited until its deadline fails at once`() async throws {
        try await withScratch { scratch in
            let bench = try Bench(scratch)
            try bench.hold()
            bench.submit("a")
            bench.clock.advance(by: .seconds(3_600))
            bench.letGo()
            var outcomes = bench.outcomes.makeAsyncIterator()
            #expect(await outcomes.next() == "a busy")
        }
    }

    @Test func `each write fails at its own deadline, and a later one is still stored`() async throws {
        try await withScratch { scratch in
            let bench = try Bench(scratch)
            try bench.hold()
            bench.submit("early")
            bench.clock.advance(by: .seconds(1_800))
            bench.submit("late")
            bench.clock.advance(by: .seconds(1_800))
            bench.letGo()
            var outcomes = bench.outcomes.makeAsyncIterator()
            #expect(await outcomes.next() == "early busy")
            try bench.other.inDatabase { try $0.execute(sql: "ROLLBACK") }
            #expect(await outcomes.next() == "late stored")
        }
    }

    @Test func `the time left is rounded up to milliseconds, and never negative`() {
        let clock = HandClock()
        let wait = WriteWait(limit: .seconds(5)) { clock.now }
        let deadline = wait.deadline()
        #expect((5_000...5_001).contains(wait.milliseconds(until: deadline)))
        clock.advance(by: .milliseconds(4_999))
        #expect((1...2).contains(wait.milliseconds(until: deadline)) && !wait.isOver(deadline))
        clock.advance(by: .milliseconds(1))
        #expect(wait.milliseconds(until: deadline) == 0 && wait.isOver(deadline))
        clock.advance(by: .seconds(100))
        #expect(wait.milliseconds(until: deadline) == 0)
    }
}

extension SQLiteLedger {
    fileprivate func setMostPages(_ count: Int) async throws {
        try await onWriter { try $0.execute("PRAGMA max_page_count = \(count)") }
    }

    fileprivate func setReadOnly(_ isReadOnly: Bool) async throws {
        try await onWriter { try $0.execute("PRAGMA query_only = \(isReadOnly)") }
    }
}
