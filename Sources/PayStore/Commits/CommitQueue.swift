/// What waits for the database's one writer, in the order in which it was asked, and what goes into the next commit.
///
/// Nobody waits for company: a commit takes what is there. Whoever comes while it is on its way to the disk goes into the
/// next one, together with all that came meanwhile.
struct CommitQueue<Write> {
    /// At most so many share a commit: a commit that takes long makes the first of them wait for the last.
    let writesPerCommit: Int
    private var waiting: ArraySlice<Entry> = []
    private var phase = Phase.idle

    private struct Entry {
        let write: Write
        let goesAlone: Bool
    }

    private enum Phase {
        /// Nothing waits. Moved on by the next write.
        case idle
        /// Somebody takes what waits, commit by commit. Moved on by the commit behind which nothing waits.
        case committing
        /// Nothing more is taken in. What waits is committed by whoever closed.
        case closed
    }

    init(writesPerCommit: Int) {
        precondition(writesPerCommit > 0, "a commit of nothing")
        self.writesPerCommit = writesPerCommit
    }

    enum ArrivalAction {
        /// Nobody is at it: commit.
        case commit
        /// A commit is under way, and another one will follow it.
        case wait
        case refuse
    }

    /// `goesAlone`: shares no commit, because it takes so long that the others would wait for it.
    mutating func arrive(_ write: Write, goesAlone: Bool = false) -> ArrivalAction {
        switch phase {
        case .idle:
            phase = .committing
            waiting.append(Entry(write: write, goesAlone: goesAlone))
            return .commit
        case .committing:
            waiting.append(Entry(write: write, goesAlone: goesAlone))
            return .wait
        case .closed: return .refuse
        }
    }

    /// What goes into one commit now. Empty when nothing waits.
    mutating func takeNext() -> [Write] {
        guard let first = waiting.first else { return [] }
        let company = first.goesAlone ? waiting.prefix(1) : waiting.prefix(writesPerCommit).prefix { !$0.goesAlone }
        waiting = waiting.dropFirst(company.count)
        return company.map(\.write)
    }

    enum CommittedAction {
        /// Others came meanwhile.
        case commit
        case rest
    }

    /// A commit is over, and its writers know what became of them.
    mutating func committed() -> CommittedAction {
        switch phase {
        case .idle, .closed: return .rest
        case .committing:
            guard waiting.isEmpty else { return .commit }
            phase = .idle
            return .rest
        }
    }

    mutating func close() { phase = .closed }
}
