/// A decision that waits for its commit, and whoever waits for it.
struct QueuedWrite: Sendable {
    /// What tells the caller. Called once.
    typealias Answer = @Sendable () -> Void

    /// Decides, and writes. What it gives tells of success, once that is on the disk.
    ///
    /// It may be run a second time: when the commit that it shared came to nothing.
    let run: @Sendable (Connection) throws -> Answer
    let fail: @Sendable (any Error) -> Void

    /// What became of one in a transaction with others.
    enum Outcome {
        case kept(Answer)
        case wroteNothing(any Error)

        var isKept: Bool {
            switch self {
            case .kept: true
            case .wroteNothing: false
            }
        }
    }

    /// Behind the commit, as everything that is told.
    func tell(_ outcome: Outcome) {
        switch outcome {
        case .kept(let answer): answer()
        case .wroteNothing(let error): fail(error)
        }
    }
}

extension QueuedWrite {
    init<Value: Sendable>(
        _ work: @escaping @Sendable (Connection) throws -> Value, for caller: CheckedContinuation<Value, any Error>
    ) {
        run = { db in
            let value = try work(db)
            return { caller.resume(returning: value) }
        }
        fail = { caller.resume(throwing: $0) }
    }
}

/// What is asked of a ledger after its end.
struct LedgerClosed: Error, CustomStringConvertible {
    var description: String { "the database was closed" }
}
