import Dispatch
import Foundation
import GRDB
import LedgerSQL
import StoreTestSupport
import Synchronization
import Testing

@testable import SQLiteStore

/// A ledger whose writer is held at a decision until everything that a test wants is behind it in the queue.
///
/// The writes go to a table of the test's own, and each notes what it was told, and when.
struct CommitBench {
    let ledger: SQLiteLedger
    let told = Told()
    private let other: DatabaseQueue
    private let release = DispatchSemaphore(value: 0)

    init(_ scratch: Scratch, writesPerCommit: Int = 128) throws {
        ledger = try SQLiteLedger(path: scratch.path, writesPerCommit: writesPerCommit)
        other = try scratch.connection()
        try other.write {
            try $0.execute(
                sql: """
                    CREATE TABLE seen (id INTEGER PRIMARY KEY, word TEXT UNIQUE) STRICT;
                    CREATE TABLE owners (id INTEGER PRIMARY KEY,
                        seen INTEGER REFERENCES seen (id) DEFERRABLE INITIALLY DEFERRED) STRICT
                    """)
        }
        _ = try commits()
    }

    /// Nothing of what is submitted from now on is looked at before `letGo`.
    func hold() {
        let (held, release) = (DispatchSemaphore(value: 0), release)
        submit("held") { _ in
            held.signal()
            release.wait()
        }
        held.wait()
    }

    func letGo() { release.signal() }

    func submit(
        _ name: String, goesAlone: Bool = false, _ work: @escaping @Sendable (FileConnection) throws -> Void
    ) {
        let write = QueuedWrite { [told, other] db in
            told.ran(name)
            try work(db)
            return { told.answer(name, with: nil, seenByOthers: Self.words(other)) }
        } fail: { [told, other] error in
            told.answer(name, with: "\(error)", seenByOthers: Self.words(other))
        }
        told.expectOne()
        ledger.committer.submit(write, goesAlone: goesAlone)
    }

    /// Stores the word, and is called by it.
    func submit(word: String) {
        submit(word) { try $0.prepared("INSERT INTO seen (word) VALUES (?)").run([word]) }
    }

    /// The rows that another connection sees, in the order of their storing.
    func words() -> [String] { Self.words(other) }

    private static func words(_ connection: DatabaseQueue) -> [String] {
        (try? connection.read { try String.fetchAll($0, sql: "SELECT word FROM seen ORDER BY id") }) ?? []
    }

    /// How often anybody has committed to the file.
    func commits() throws -> UInt32 {
        let index = try other.unsafeRead { try WALIndex(FileConnection(database: $0)) }
        return try #require(index).commits()
    }
}

/// The answers to the writers of a test.
final class Told: Sendable {
    struct Answer: Equatable {
        let name: String
        /// Nil for success.
        let error: String?
        /// The rows that a second connection saw at that moment.
        let seenByOthers: [String]
    }

    private let log = Mutex(Log())
    private let outstanding = DispatchGroup()

    private struct Log {
        var runs: [String] = []
        var answers: [Answer] = []
    }

    fileprivate func expectOne() { outstanding.enter() }

    fileprivate func ran(_ name: String) { log.withLock { $0.runs.append(name) } }

    fileprivate func answer(_ name: String, with error: String?, seenByOthers: [String]) {
        log.withLock { $0.answers.append(Answer(name: name, error: error, seenByOthers: seenByOthers)) }
        outstanding.leave()
    }

    /// All answers, once everybody has one, without that of whoever held the writer.
    func answers() async -> [Answer] {
        await withCheckedContinuation { caller in
            outstanding.notify(queue: .global()) { caller.resume() }
        }
        return log.withLock { $0.answers.filter { $0.name != "held" } }
    }

    /// The names of the decisions as they were run, those that ran again too.
    var runs: [String] { log.withLock { $0.runs.filter { $0 != "held" } } }
}
