import Dispatch
import GRDB
import LedgerSQL
import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore
@testable import SQLiteStore

struct GroupCommitTests {
    private struct Unwell: Error {}

    private static let words = (1...64).map { "word-\($0)" }

    @Test func `waiting decisions share a commit, and are stored in their order`()
        async throws
    {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            let before = try bench.commits()
            bench.hold()
            for word in Self.words { bench.submit(word: word) }
            bench.letGo()
            let answers = await bench.told.answers()
            #expect(answers.map(\.name) == Self.words)
            #expect(answers.allSatisfy { $0.error == nil })
            #expect(bench.words() == Self.words)
            #expect(try bench.commits() &- before == 1)
        }
    }

    @Test func `a caller gets its answer after the commit is visible`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            for word in Self.words { bench.submit(word: word) }
            #expect(bench.words() == [])
            bench.letGo()
            for answer in await bench.told.answers() { #expect(answer.seenByOthers == Self.words) }
        }
    }

    @Test(arguments: [(1, 64), (2, 32), (60, 2), (64, 1), (1_000, 1)])
    func `no commit holds more than its limit`(limit: Int, expected: UInt32) async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch, writesPerCommit: limit)
            let before = try bench.commits()
            bench.hold()
            for word in Self.words { bench.submit(word: word) }
            bench.letGo()
            #expect(await bench.told.answers().allSatisfy { $0.error == nil })
            #expect(try bench.commits() &- before == expected)
        }
    }

    @Test func `a decision that throws is rolled back, and the others are stored`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            bench.submit(word: "before")
            bench.submit("unwell") { db in
                try db.execute("INSERT INTO seen (word) VALUES ('never')")
                throw Unwell()
            }
            bench.submit(word: "behind")
            bench.letGo()
            let answers = await bench.told.answers()
            #expect(answers.map(\.error) == [nil, "Unwell()", nil])
            #expect(bench.words() == ["before", "behind"])
            #expect(bench.told.runs == ["before", "unwell", "before", "unwell", "behind"])
        }
    }

    @Test func `a decision that throws before it writes does not repeat the others`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            let before = try bench.commits()
            bench.hold()
            bench.submit(word: "before")
            bench.submit("unwell") { _ in throw Unwell() }
            bench.submit(word: "behind")
            bench.letGo()
            let answers = await bench.told.answers()
            #expect(answers.map(\.error) == [nil, "Unwell()", nil])
            #expect(bench.words() == ["before", "behind"])
            #expect(bench.told.runs == ["before", "unwell", "behind"])
            #expect(try bench.commits() &- before == 1)
        }
    }

    @Test func `an error is thrown after the commit, because it may depend on another decision of it`()
        async throws
    {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            bench.submit(word: "first")
            bench.submit("unwell") { db in
                #expect(try db.prepared("SELECT word FROM seen").all { $0.text(0) } == ["first"])
                throw Unwell()
            }
            bench.letGo()
            #expect(await bench.told.answers().last?.seenByOthers == ["first"])
        }
    }

    @Test func `a decision that the schema refuses fails alone`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            for word in ["cup", "cup", "saucer"] { bench.submit(word: word) }
            bench.letGo()
            let answers = await bench.told.answers()
            #expect(answers.map { $0.error == nil } == [true, false, true])
            #expect(answers[1].error?.contains("UNIQUE constraint failed: seen.word") == true)
            #expect(bench.words() == ["cup", "saucer"])
        }
    }

    @Test func `without a successful decision nothing is committed`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            for name in ["one", "two"] {
                bench.submit(name) { db in
                    try db.execute("INSERT INTO seen (word) VALUES ('never')")
                    throw Unwell()
                }
            }
            let before = try bench.commits()
            bench.letGo()
            #expect(await bench.told.answers().allSatisfy { $0.error == "Unwell()" })
            #expect(try bench.commits() == before)
        }
    }

    /// A reference that is checked at the commit alone: nothing before it shows whose it is.
    @Test func `after a failed commit each decision is tried alone`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            bench.submit(word: "before")
            bench.submit("guilty") { try $0.execute("INSERT INTO owners (seen) VALUES (99)") }
            bench.submit(word: "behind")
            bench.letGo()
            let answers = await bench.told.answers()
            #expect(answers.map { $0.error == nil } == [true, false, true])
            #expect(answers[1].error?.contains("FOREIGN KEY") == true)
            #expect(answers[0].seenByOthers == ["before"])
            #expect(bench.words() == ["before", "behind"])
            #expect(bench.told.runs == ["before", "guilty", "behind", "before", "guilty", "behind"])
        }
    }

    @Test func `if every commit fails, every caller gets the error`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.ledger.pool.pool.add(transactionObserver: RefusedCommits(), extent: .databaseLifetime)
            bench.hold()
            for word in Self.words { bench.submit(word: word) }
            bench.letGo()
            let answers = await bench.told.answers()
            #expect(answers.count == 64)
            #expect(answers.allSatisfy { $0.error == "NoRoom()" })
            #expect(bench.words() == [])
        }
    }

    @Test func `a transaction that SQLite rolled back is repeated for each decision alone`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            bench.submit(word: "before")
            bench.submit("rolls all back") { db in
                try db.database.execute(sql: "INSERT OR ROLLBACK INTO seen (id, word) VALUES (1, 'x'), (1, 'y')")
            }
            bench.submit(word: "behind")
            bench.letGo()
            let answers = await bench.told.answers()
            #expect(answers.map { $0.error == nil } == [true, false, true])
            #expect(bench.words() == ["before", "behind"])
        }
    }

    @Test func `a rollback by SQLite that GRDB doesn't notice leaves the next transaction intact`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            for company in [[], ["before", "behind"]] {
                bench.hold()
                for word in company { bench.submit(word: word) }
                bench.submit("rolls all back") { db in
                    try db.prepared("INSERT OR ROLLBACK INTO seen (id, word) VALUES (1, 'x'), (1, 'y')").run()
                }
                bench.letGo()
                _ = await bench.told.answers()
            }
            #expect(bench.words() == ["before", "behind"])
        }
    }

    @Test func `a full disk fails only the writes that don't fit`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            bench.submit("a full disk") { db in
                let pages = try db.prepared("PRAGMA page_count").first { $0.integer(0) } ?? 0
                try db.execute("PRAGMA max_page_count = \(pages + 10)")
            }
            bench.submit(word: "before")
            bench.submit(word: String(repeating: "x", count: 1_000_000))
            bench.submit(word: "behind")
            bench.letGo()
            let answers = await bench.told.answers()
            #expect(answers.map { $0.error == nil } == [true, true, false, true])
            #expect(answers[2].error?.contains("full") == true)
            #expect(bench.words() == ["before", "behind"])
        }
    }

    @Test func `a write that goes alone shares no commit`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch)
            bench.hold()
            bench.submit(word: "before")
            bench.submit("alone", goesAlone: true) { db in
                try db.execute("INSERT INTO seen (word) VALUES ('alone')")
            }
            bench.submit(word: "behind")
            bench.letGo()
            let seen = await bench.told.answers().map(\.seenByOthers)
            #expect(seen == [["before"], ["before", "alone"], ["before", "alone", "behind"]])
        }
    }

    @Test func `close commits the queued writes, and refuses later ones`() async throws {
        try await withScratch { scratch in
            let bench = try CommitBench(scratch, writesPerCommit: 7)
            bench.hold()
            for word in Self.words { bench.submit(word: word) }
            bench.letGo()
            try bench.ledger.close()
            #expect(bench.words() == Self.words)
            bench.submit(word: "too late")
            let answers = await bench.told.answers()
            #expect(answers.dropLast().allSatisfy { $0.error == nil })
            #expect(answers.last?.error == "the database was closed")
            #expect(bench.words() == Self.words)
        }
    }

    @Test func `concurrent updates of the ledger are all stored`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 1...64 {
                    group.addTask { try await ledger.put(order("order_\(index)", fence: Int64(index))) }
                }
                try await group.waitForAll()
            }
            #expect(try scratch.connection().number("SELECT count(*) FROM orders WHERE fence > 0") == 64)
        }
    }
}

/// Turns each commit into a rollback, as a disk would that takes no more.
private final class RefusedCommits: TransactionObserver {
    struct NoRoom: Error {}

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseWillCommit() throws { throw NoRoom() }
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}
}
