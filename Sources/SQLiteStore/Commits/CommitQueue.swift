/// The writes that wait for the database's one writer, in the order of their arrival, and the choice of what shares the
/// next commit.
///
/// A commit never waits for more writes: it takes those that are there. Writes that arrive during a commit share the
/// next one.
struct CommitQueue<Write> {
    /// The most writes that share a commit: the first of them waits for the last.
    let writesPerCommit: Int
    private var waiting: [Entry] = []
    private var phase = Phase.idle

    private struct Entry {
        let write: Write
        let goesAlone: Bool
    }

    private enum Phase {
        /// The queue is empty. The next write leaves this phase.
        case idle
        /// The writer takes the waiting writes, commit by commit. A commit behind which nothing waits ends this phase.
        case committing
        /// The queue takes no more writes. The caller of `close` commits those that wait.
        case closed
    }

    init(writesPerCommit: Int) {
        precondition(writesPerCommit > 0, "a commit of nothing")
        self.writesPerCommit = writesPerCommit
    }

    enum ArrivalAction {
        /// No commit is under way: the caller starts one.
        case commit
        /// A commit is under way, and another one follows it.
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

    /// Takes the writes of the next commit. Empty when nothing waits.
    mutating func takeNext() -> [Write] {
        guard let first = waiting.first else { return [] }
        let company = first.goesAlone ? waiting.prefix(1) : waiting.prefix(writesPerCommit).prefix { !$0.goesAlone }
        let writes = company.map(\.write)
        waiting.removeFirst(writes.count)
        return writes
    }

    enum CommittedAction {
        /// More writes arrived during the commit.
        case commit
        case rest
    }

    /// A commit is over, and its callers have their answers.
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
