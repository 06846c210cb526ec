import CSQLite
import Synchronization

/// Tells our own commits from those of other processes: all commits less ours.
///
/// All methods except ``look()`` and ``close()`` run on the writer's queue, one after the other.
final class CommitWatch: Sendable {
    /// Nil if SQLite's shared memory isn't as expected.
    private let walIndex: WALIndex?
    private let count: Atomic<UInt64>
    private let isResolving = Atomic(false)
    private let gate = Gate()
    private let pagesInWAL = Atomic(0)

    /// The number of known eras, and of commits.
    struct Count: Equatable {
        var era: UInt32
        /// The value of the shared counter, if no other process has committed since.
        var commits: UInt32

        init(era: UInt32, commits: UInt32) {
            self.era = era
            self.commits = commits
        }

        init(packed: UInt64) {
            self.init(era: UInt32(truncatingIfNeeded: packed >> 32), commits: UInt32(truncatingIfNeeded: packed))
        }

        var packed: UInt64 { UInt64(era) << 32 | UInt64(commits) }
    }

    /// Registers for the connection's commits. Must outlive the connection.
    init(_ db: FileConnection) throws {
        let walIndex = try WALIndex(db)
        self.walIndex = walIndex
        count = Atomic(Count(era: 0, commits: walIndex?.commits() ?? 0).packed)
        // The hook replaces SQLite's own checkpoints: the committer makes them instead.
        sqlite3_wal_hook(
            db.handle,
            { watch, _, _, pages in
                Unmanaged<CommitWatch>.fromOpaque(watch!).takeUnretainedValue().committed(pagesInWAL: Int(pages))
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    enum Sight: Equatable {
        case era(UInt32)
        /// A commit is being published, or another process has committed and ``resolve()`` is under way.
        case unclear
        /// The same, and the caller has to run ``resolve()`` on the writer's queue.
        case mustBeResolved
    }

    func look() -> Sight {
        guard let walIndex, gate.enter() else { return .unclear }
        defer { gate.leave() }
        // In this order: an older first value can only differ from the second one.
        let known = Count(packed: count.load(ordering: .acquiring))
        if walIndex.commits() == known.commits { return .era(known.era) }
        let isFirst = !isResolving.load(ordering: .relaxed) && !isResolving.exchange(true, ordering: .relaxed)
        return isFirst ? .mustBeResolved : .unclear
    }

    /// Runs between two of our commits: a commit that isn't known by now is another process's.
    func resolve() {
        guard let walIndex, gate.enter() else { return }
        defer { gate.leave() }
        // Before the read of the counter: a commit behind that read is for the next call to resolve.
        isResolving.store(false, ordering: .relaxed)
        var known = Count(packed: count.load(ordering: .relaxed))
        let commits = walIndex.commits()
        guard commits != known.commits else { return }
        known.era &+= 1
        known.commits = commits
        count.store(known.packed, ordering: .releasing)
    }

    /// SQLite calls this once for each of our commits that wrote anything, right after it: exactly when the shared
    /// counter was increased.
    private func committed(pagesInWAL pages: Int) {
        var known = Count(packed: count.load(ordering: .relaxed))
        known.commits &+= 1
        count.store(known.packed, ordering: .releasing)
        pagesInWAL.store(pages, ordering: .relaxed)
    }

    /// The pages that the last commit left in the WAL; 0 without a commit since the last call.
    func takePagesInWAL() -> Int { pagesInWAL.exchange(0, ordering: .relaxed) }

    /// Ends all looks. Call before the connections are closed, which unmaps the shared memory.
    func close() { gate.close() }
}

/// Lets any number of callers pass, until it is closed. Closing waits for the callers inside.
private struct Gate: ~Copyable {
    private static let closed = 1 << 62

    /// The number of callers inside, and the closed bit.
    private let inside = Atomic(0)

    func enter() -> Bool {
        if inside.wrappingAdd(1, ordering: .acquiring).newValue < Self.closed { return true }
        leave()
        return false
    }

    func leave() { inside.wrappingSubtract(1, ordering: .releasing) }

    /// A caller inside is gone within nanoseconds.
    func close() {
        inside.bitwiseOr(Self.closed, ordering: .acquiringAndReleasing)
        while inside.load(ordering: .acquiring) != Self.closed {}
    }
}
