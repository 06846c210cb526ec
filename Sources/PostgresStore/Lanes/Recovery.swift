package import PayFlow

/// The part of a transaction that failed.
package enum TransactionPhase: CaseIterable, Sendable {
    /// Before COMMIT was sent: whatever happened, nothing is stored.
    case working
    /// COMMIT was sent.
    case committing
}

/// The next step behind a transaction that failed.
package enum Recovery: Hashable, Sendable {
    /// The same fails again: the caller gets the error.
    case fail
    /// Run the transaction again: it met another one.
    case again
    /// Run the transaction again, once: another one stored the same key first, and is found now.
    case find
    /// Run the transaction again where it may wait: another one holds a lock.
    case waitForLock
    /// Run the transaction again on a new connection.
    case reconnect
    /// Run the transaction again with a new row of commit marks.
    case markAnew
    /// Find out on a new connection whether the transaction was committed.
    case lookUp
    case unavailable(LedgerUnavailable.Reason)

    package init(from error: any Error, in phase: TransactionPhase) {
        switch error {
        case let failure as PostgresFailure: self.init(from: failure, in: phase)
        case is ConnectionLost: self = phase == .committing ? .lookUp : .reconnect
        case CommitFailure.warned: self = .lookUp
        default: self = .fail
        }
    }

    private init(from failure: PostgresFailure, in phase: TransactionPhase) {
        let state = failure.sqlState
        if failure.isFatal || state == .statementCompletionUnknown || Self.endsConnection(state) {
            self = phase == .committing ? .lookUp : .reconnect
            return
        }
        switch state {
        case .serializationFailure, .deadlockDetected, .queryCanceled: self = .again
        case .lockNotAvailable: self = .waitForLock
        case .uniqueViolation: self = .find
        case .readOnlyTransaction: self = .reconnect
        case .laneGivenUp: self = .markAnew
        case .diskFull: self = .unavailable(.full)
        default:
            switch state.kind {
            case "53": self = .unavailable(.overloaded)
            case "58": self = .unavailable(.inputOutput)
            default: self = state.isDamage ? .unavailable(.damaged) : .fail
            }
        }
    }

    /// Connection exceptions, and a server that shuts down, crashed or starts.
    private static func endsConnection(_ state: SQLState) -> Bool {
        state.kind == "08" || state.code.hasPrefix("57P")
    }
}

extension SQLState {
    /// `data_corrupted` and `index_corrupted`.
    fileprivate var isDamage: Bool { code == "XX001" || code == "XX002" }
}
