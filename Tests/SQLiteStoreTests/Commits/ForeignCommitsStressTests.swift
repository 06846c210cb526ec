import Foundation
import GRDB
import LedgerSQL
import PayCore
import StoreTestSupport
import Synchronization
import Testing

@testable import SQLiteStore

/// Thousands of commits of ours and of another connection, and a thread that looks at the era.
struct ForeignCommitsStressTests {
    private static let commits: Int64 = 1_500

    /// The progress of the foreign commits, numbered from one on, which the looking thread checks.
    private final class Seen: Sendable {
        let begun = Atomic<Int64>(0)
        let ended = Atomic<Int64>(0)
        let eras = Atomic(0)
        let mistakes = Atomic(0)
        let isOver = Atomic(false)
    }

    /// Whenever the era is the same at two moments, no foreign commit began behind the first and ended before the
    /// second.
    @Test func `no era survives another process's commit`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let other = try scratch.connection()
            try await other.writeWithoutTransaction { db in
                // Its commits needn't outlive a power cut: they are many, and shall be fast.
                try db.execute(sql: "PRAGMA synchronous = OFF; CREATE TABLE counts (foreign_one INTEGER) STRICT")
            }
            try ledger.pool.write { db in
                // SQLite sleeps while the other one writes. Both shall insist instead, or one of them seldom writes.
                try db.execute("PRAGMA synchronous = OFF; PRAGMA busy_timeout = 0")
            }
            let seen = Seen()
            let looking = Thread.started { Self.look(at: ledger, seen) }
            let foreign = Thread.started { Self.commit(by: other, seen) }
            try await Self.commit(by: ledger)
            await foreign.ended()
            seen.isOver.store(true, ordering: .sequentiallyConsistent)
            await looking.ended()
            #expect(seen.mistakes.load(ordering: .relaxed) == 0)
            #expect(seen.eras.load(ordering: .relaxed) > 1)
            #expect(try other.number("SELECT count(*) FROM counts") == Self.commits)

            try await ledger.settled()
            let era = try #require(ledger.era())
            try await ledger.put(order("order_9", fence: 1))
            #expect(ledger.era() == era)
        }
    }

    private static func look(at ledger: SQLiteLedger, _ seen: Seen) {
        // The last era that was told, and how many foreign commits had begun at most when it was.
        var last: (era: UInt32, begun: Int64)?
        while !seen.isOver.load(ordering: .sequentiallyConsistent) {
            let endedBefore = seen.ended.load(ordering: .sequentiallyConsistent)
            guard let era = ledger.era() else { continue }
            let begunBehind = seen.begun.load(ordering: .sequentiallyConsistent)
            if let last, last.era == era {
                if endedBefore > last.begun { seen.mistakes.add(1, ordering: .relaxed) }
            } else {
                last = (era, begunBehind)
                seen.eras.add(1, ordering: .relaxed)
            }
        }
    }

    private static func commit(by other: DatabaseQueue, _ seen: Seen) {
        for count in 1...commits {
            seen.begun.store(count, ordering: .sequentiallyConsistent)
            var isStored = false
            while !isStored {
                isStored = isDone { try other.write { try $0.execute(sql: "INSERT INTO counts VALUES (\(count))") } }
                sched_yield()
            }
            seen.ended.store(count, ordering: .sequentiallyConsistent)
        }
    }

    private static func commit(by ledger: SQLiteLedger) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 1...4 {
                group.addTask {
                    for index in 1...(commits / 4) {
                        while true {
                            do {
                                try await ledger.put(order("order_\(worker)", fence: index))
                                break
                            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                                sched_yield()
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// False while somebody else writes.
    private static func isDone(_ write: () throws -> Void) -> Bool {
        do {
            try write()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return false
        } catch {
            Issue.record(error)
        }
        return true
    }
}

/// A thread of its own, whose end can be awaited.
struct StartedThread {
    fileprivate let end: DispatchGroup

    func ended() async {
        await withCheckedContinuation { caller in end.notify(queue: .global()) { caller.resume() } }
    }
}

extension Thread {
    static func started(_ work: @escaping @Sendable () -> Void) -> StartedThread {
        let end = DispatchGroup()
        end.enter()
        Thread.detachNewThread {
            work()
            end.leave()
        }
        return StartedThread(end: end)
    }
}
