import PayCore
import PayFlow

/// Runs decisions on different orders in one transaction of two round trips.
struct DecisionBatch {
    /// The end of a decision behind the batch.
    enum End {
        case told(@Sendable () -> Void)
        /// The decision refused to change anything.
        case refused(any Error)
        /// The batch can't store it.
        case alone
        /// Another transaction holds the order.
        case held
    }

    private let decisions: [BatchedDecision]

    init(_ decisions: [BatchedDecision]) { self.decisions = decisions }

    /// The ends of the decisions, in their order. The decisions that are told are stored.
    func run(
        on runner: TransactionRunner, arrivedAt arrival: ContinuousClock.Instant
    ) -> TransactionRunner.Attempt<[End]> {
        runner.attempt(arrivedAt: arrival, locking: []) { transaction in
            let loaded = try OrderBatchLoad(decisions.map(\.number)).lock(
                transaction, perhapsAbsent: Set(decisions.filter(\.mayCreate).map(\.number.text)))
            var statements = BatchStatements()
            let ends = decisions.map { decision -> End in
                guard !loaded.held.contains(decision.number.text) else { return .held }
                do {
                    let decided = try decision.decide(loaded.orders[decision.number.text], loaded.numbering)
                    guard decided.decision.fitsBatch else { return .alone }
                    statements.add(decided.decision)
                    return .told(decided.tell)
                } catch {
                    return .refused(error)
                }
            }
            transaction.atCommit(statements.queries)
            return ends
        }
    }
}
