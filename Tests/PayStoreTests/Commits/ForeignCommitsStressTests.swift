import Foundation
import GRDB
import PayCore
import Synchronization
import Testing

@testable import PayStore

struct ForeignCommitsStressTests {
    private static let commits: Int64 = 1_000

    private final class Seen: Sendable {
        /// Foreign commits, numbered from one on.
        let begun = Atomic<Int64>(0)
        let ended = Atomic<Int64>(0)
        let eras = Atomic(0)
        let mistakes = Atomic(0)
        let isOver = Atomic(false)
    }

    /// Again and again while the other one has the right to write: without a pause, so that both commit as often as can be.
    private static func insist(_ write: () throws -> Void) {
        while true {
            do {
                return try write()
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                continue
            } catch {
                Issue.record(error)
                return
            }
        }
    }

    /// Thousands of commits of ours and of another connection, and a thread that looks: whenever the era is the same at two
    /// moments, no foreign commit was seen to begin behind the first and end before the second.
    @Test func `no era lasts over another process's commit`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let other = try scratch.connection()
            try await other.writeWithoutTransaction {
                // Its commits needn't outlive a power cut: they are many, and shall be fast.
                try $0.execute(sql: "PRAGMA synchronous = OFF; CREATE TABLE counts (foreign_one INTEGER) STRICT")
            }
            let seen = Seen()

            let looking = Thread.started {
                // The last era that was told, and how many foreign commits had begun at most when it was.
                var last: (era: UInt32, begun: Int64)?
                while !seen.isOver.load(ordering: .sequentiallyConsistent) {
                    let endedBefore = seen.ended.load(ordering: .sequentiallyConsistent)
                    guard let era = ledger.era() else { continue }
                    let begunBehind = seen.begun.load(ordering: .sequentiallyConsistent)
                    if let last, last.era == era {
                        // Begun behind the first look, ended before this one.
                        if endedBefore > last.begun { seen.mistakes.add(1, ordering: .relaxed) }
                    } else {
                        last = (era, begunBehind)
                        seen.eras.add(1, ordering: .relaxed)
                    }
                }
            }
            let foreign = Thread.started {
                for count in 1...Self.commits {
                    seen.begun.store(count, ordering: .sequentiallyConsistent)
                    Self.insist { try other.write { try $0.execute(sql: "INSERT INTO counts VALUES (\(count))") } }
                    seen.ended.store(count, ordering: .sequentiallyConsistent)
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 1...4 {
                    group.addTask {
                        for index in 1...(Self.commits / 4) {
                            try await ledger.put(order("order_\(worker)", fence: index))
                        }
                    }
                }
                try await group.waitForAll()
            }
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
