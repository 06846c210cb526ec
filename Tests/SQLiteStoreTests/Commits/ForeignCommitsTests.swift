import Foundation
import GRDB
import LedgerSQL
import PayCore
import StoreTestSupport
import Synchronization
import Testing

@testable import SQLiteStore

struct ForeignCommitsTests {
    @Test func `our own commits don't change the era`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let era = try #require(ledger.era())
            for index in 1...200 {
                try await ledger.put(order("order_1", fence: Int64(index)))
                #expect(ledger.era() == era)
            }
        }
    }

    @Test func `the era survives every kind of transaction of our own`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            let ledger = bench.ledger
            try await ledger.settled()
            try await ledger.put(fullOrder())
            let era = try #require(ledger.era())
            for work in Self.oddTransactions {
                try? await ledger.committer.write(work)
                #expect(ledger.era() == era)
                bench.hold()
                for name in 1...3 { bench.submit("\(name)", work) }
                bench.letGo()
                _ = await bench.told.answers()
                #expect(ledger.era() == era)
            }
        }
    }

    private static let oddTransactions: [@Sendable (FileConnection) throws -> Void] = [
        { _ in },
        { _ = try $0.prepared("SELECT count(*) FROM orders").first { $0.integer(0) } },
        { try $0.execute("UPDATE orders SET subject = subject") },
        { try $0.execute("DELETE FROM orders WHERE number = 'nobody'") },
        { try $0.execute("INSERT INTO seen (word) VALUES ('taken back'); DELETE FROM seen") },
        { try $0.execute("INSERT INTO seen (word) VALUES (NULL)") },
        { db in
            try db.execute("INSERT INTO seen (word) VALUES ('never')")
            throw CancellationError()
        },
        { db in
            try db.execute("SAVEPOINT inner; DELETE FROM seen; ROLLBACK TO inner; RELEASE inner")
        },
        { try $0.execute("INSERT INTO owners (seen) VALUES (99)") },
        { try $0.execute("INSERT INTO seen (word) VALUES (zeroblob(3))") },
        { try $0.execute("INSERT INTO seen (word) VALUES (hex(randomblob(3000000)))") },
    ]

    @Test func `our own purge, readiness check and checkpoint don't change the era`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(fullOrder())
            let era = try #require(ledger.era())
            _ = try await ledger.purgePages(ofOrdersOverBy: at(1_000_000), limit: 9)
            try await ledger.checkWritable()
            _ = try await ledger.commitsOfOthers()
            for kind in [Database.CheckpointMode.passive, .full, .restart, .truncate] {
                try ledger.pool.write { _ = try $0.database.checkpoint(kind) }
                #expect(ledger.era() == era)
                try await ledger.put(order("order_a\(kind.rawValue)", fence: 1))
                #expect(ledger.era() == era)
            }
        }
    }

    @Test func `another process's checkpoint doesn't change the era`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1", fence: 1))
            let other = try scratch.connection()
            let era = try #require(ledger.era())
            for kind in [Database.CheckpointMode.passive, .restart, .truncate] {
                try await other.writeWithoutTransaction { _ = try $0.checkpoint(kind) }
                #expect(ledger.era() == era)
            }
        }
    }

    @Test func `another ledger's commit ends the era at once`() async throws {
        try await withScratch { scratch in
            let (ours, theirs) = (try scratch.ledger(), try scratch.ledger())
            try await ours.settled()
            let before = try #require(ours.era())
            try await theirs.put(order("order_1", fence: 1))
            #expect(ours.era() == nil)
            try await ours.settled()
            #expect(ours.era() == before + 1)
        }
    }

    @Test func `a raw connection's commit ends the era before it returns`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1", fence: 1))
            let other = try scratch.connection()
            try await ledger.settled()
            let before = try #require(ledger.era())
            let atCommit = try await other.writeWithoutTransaction { db in
                try db.execute(sql: "BEGIN IMMEDIATE; UPDATE orders SET updated_at = updated_at + 1")
                #expect(ledger.era() == before)
                try db.execute(sql: "COMMIT")
                return ledger.era()
            }
            #expect(atCommit == nil)
            try await ledger.settled()
            #expect(ledger.era() == before + 1)
        }
    }

    @Test func `another process's rollback doesn't change the era`() async throws {
        try await withScratch { scratch in
            let (ours, theirs) = (try scratch.ledger(), try scratch.connection())
            try await ours.settled()
            let era = try #require(ours.era())
            try await theirs.writeWithoutTransaction {
                try $0.execute(sql: "BEGIN IMMEDIATE; INSERT INTO readiness (id, writes) VALUES (1, 1); ROLLBACK")
            }
            #expect(ours.era() == era)
        }
    }

    @Test func `several commits of others between two looks are one change of era`()
        async throws
    {
        try await withScratch { scratch in
            let (ours, theirs) = (try scratch.ledger(), try scratch.ledger())
            try await ours.settled()
            let before = try #require(ours.era())
            for index in 1...3 {
                try await theirs.put(order("order_1", fence: Int64(index)))
                try await ours.put(order("order_2", fence: Int64(index)))
            }
            #expect(ours.era() == nil)
            try await ours.settled()
            #expect(ours.era() == before + 1)
            try await ours.put(order("order_2", fence: 4))
            #expect(ours.era() == before + 1)
        }
    }

    @Test func `a closed ledger has no era`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            #expect(ledger.era() != nil)
            try ledger.close()
            #expect(ledger.era() == nil)
            try ledger.close()
            #expect(ledger.era() == nil)
        }
    }

    @Test func `looks during close never touch unmapped memory`() async throws {
        for _ in 1...20 {
            try await withScratch { scratch in
                let ledger = try scratch.ledger()
                let isOver = Atomic(false)
                let looking = Thread.started {
                    while !isOver.load(ordering: .acquiring) { _ = ledger.era() }
                }
                try await ledger.put(order("order_1", fence: 1))
                try ledger.close()
                isOver.store(true, ordering: .releasing)
                await looking.ended()
            }
        }
    }
}

extension SQLiteLedger {
    /// Comes back when everything has been found out that somebody asked for.
    func settled() async throws {
        _ = era()
        // The writer's queue is serial: what was asked of it before is done.
        _ = try await commitsOfOthers()
    }
}
