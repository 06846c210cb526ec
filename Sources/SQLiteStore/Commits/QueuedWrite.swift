/// A decision that waits for its commit, with its caller.
struct QueuedWrite: Sendable {
    /// Answers the caller. Called once.
    typealias Answer = @Sendable () -> Void

    /// Decides and writes. The result reports success, and is called after the commit.
    ///
    /// Runs a second time if the commit that it shared failed.
    let run: @Sendable (FileConnection) throws -> Answer
    let fail: @Sendable (any Error) -> Void

    /// The outcome of one write in a shared transaction.
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

    /// Called after the commit.
    func tell(_ outcome: Outcome) {
        switch outcome {
        case .kept(let answer): answer()
        case .wroteNothing(let error): fail(error)
        }
    }
}

extension QueuedWrite {
    init<Value: Sendable>(
        _ work: @escaping @Sendable (FileConnection) throws -> Value, for caller: CheckedContinuation<Value, any Error>
    ) {
        run = { db in
            let value = try work(db)
            return { caller.resume(returning: value) }
        }
        fail = { caller.resume(throwing: $0) }
    }
}

/// The error of every call on a closed ledger.
struct LedgerClosed: Error, CustomStringConvertible {
    var description: String { "the database was closed" }
}
