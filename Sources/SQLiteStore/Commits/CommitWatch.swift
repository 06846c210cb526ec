import CSQLite
import Synchronization

/// Knows our own commits, and so those of other processes: all that were made, less ours.
///
/// Everything but ``look()`` and ``close()`` is called on the writer's queue, one after the other.
final class CommitWatch: Sendable {
    /// Nil when SQLite's memory isn't as expected.
    private let walIndex: WALIndex?
    private let count: Atomic<UInt64>
    private let isResolving = Atomic(false)
    private let gate = Gate()
    private let pagesInWAL = Atomic(0)

    /// How often was committed while everybody knew whose commits they were, and how often that had to be found out.
    struct Count: Equatable {
        var era: UInt32
        /// What the counter that all processes share stands at, if nobody but us has committed.
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

    /// The connection's commits are told to this from now on: it must be there as long as any is made.
    init(_ db: Connection) throws {
        let walIndex = try WALIndex(db)
        self.walIndex = walIndex
        count = Atomic(Count(era: 0, commits: walIndex?.commits() ?? 0).packed)
        // SQLite's own checkpoints hang on this hook; the committer makes them instead.
        sqlite3_wal_hook(
            db.handle,
            { watch, _, _, pages in
                Unmanaged<CommitWatch>.fromOpaque(watch!).takeUnretainedValue().committed(pagesInWAL: Int(pages))
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    enum Sight: Equatable {
        case era(UInt32)
        /// A commit is being published, or others have committed and it is being found out.
        case unclear
        /// The same, and it is for whoever sees it to have ``resolve()`` called on the writer's queue.
        case mustBeResolved
    }

    func look() -> Sight {
        guard let walIndex, gate.enter() else { return .unclear }
        defer { gate.leave() }
        // In this order: what is loaded first can only be the older of the two, and then they differ.
        let known = Count(packed: count.load(ordering: .acquiring))
        if walIndex.commits() == known.commits { return .era(known.era) }
        let isFirst = !isResolving.load(ordering: .relaxed) && !isResolving.exchange(true, ordering: .relaxed)
        return isFirst ? .mustBeResolved : .unclear
    }

    /// Between two of our commits: whatever is not known by now, others have committed.
    func resolve() {
        guard let walIndex, gate.enter() else { return }
        defer { gate.leave() }
        // Before the look: what is committed behind it is for the next one to resolve.
        isResolving.store(false, ordering: .relaxed)
        var known = Count(packed: count.load(ordering: .relaxed))
        let commits = walIndex.commits()
        guard commits != known.commits else { return }
        known.era &+= 1
        known.commits = commits
        count.store(known.packed, ordering: .releasing)
    }

    /// SQLite calls this once for each of our commits that wrote anything, right behind it: exactly when the counter was
    /// made greater.
    private func committed(pagesInWAL pages: Int) {
        var known = Count(packed: count.load(ordering: .relaxed))
        known.commits &+= 1
        count.store(known.packed, ordering: .releasing)
        pagesInWAL.store(pages, ordering: .relaxed)
    }

    /// How many pages the last commit left in the WAL; 0 when there was none since this was asked.
    func takePagesInWAL() -> Int { pagesInWAL.exchange(0, ordering: .relaxed) }

    /// From now on nobody looks. Before the connections are closed, which takes the memory away.
    func close() { gate.close() }
}

/// Lets many pass, until it is closed behind the last one who is inside.
private struct Gate: ~Copyable {
    private static let closed = 1 << 62

    /// How many are inside, and whether nobody else may enter.
    private let inside = Atomic(0)

    func enter() -> Bool {
        if inside.wrappingAdd(1, ordering: .acquiring).newValue < Self.closed { return true }
        leave()
        return false
    }

    func leave() { inside.wrappingSubtract(1, ordering: .releasing) }

    /// Whoever is inside is gone in nanoseconds.
    func close() {
        inside.bitwiseOr(Self.closed, ordering: .acquiringAndReleasing)
        while inside.load(ordering: .acquiring) != Self.closed {}
    }
}
