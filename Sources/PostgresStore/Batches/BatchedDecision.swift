import LedgerSQL
import PayCore
import PayFlow

/// A decision on one order that may share a transaction with decisions on others.
///
/// A batch stores what most decisions change. A decision that changes more, such as a refund, runs alone:
/// ``LedgerSQL/OrderTransactions`` defines how a decision is stored, and a batch is only faster.
struct BatchedDecision: Sendable {
    let number: OrderNumber
    /// Whether the decision may make the order.
    let mayCreate: Bool
    /// Decides on the order as it is stored; nil if it is not stored. A new order is numbered as given.
    let decide: @Sendable (Order?, Numbering) throws -> DecidedOrder
    let fail: @Sendable (any Error) -> Void
}

/// The changes of a decision.
package struct OrderDecision: Sendable {
    /// Nil if the order is not stored.
    let stored: Order?
    /// Nil if there is neither order nor draft.
    let after: Order?
    /// Whether the decision changed the order or the draft.
    let isChanged: Bool
    let now: Instant
    var notes: [HistoryNote] = []
    var audit: AuditNote?
    var claim: KeyClaim?
    var key: KeyRecord?
    var notice: DecidedNotice?

    struct DecidedNotice: Sendable {
        let notice: StoredNotice
        let action: SettleAction
    }

    /// Whether a batch can store all of it.
    var fitsBatch: Bool {
        guard let after else { return notice == nil }
        guard audit == nil else { return false }
        guard isChanged || stored != nil || (claim == nil && key == nil) else { return false }
        if let key, case .attempt = key.outcome {} else if key != nil { return false }
        let refunds = stored?.refunds ?? []
        let receipts = stored?.receipts ?? []
        guard after.refunds == refunds, after.receipts.starts(with: receipts) else { return false }
        return after.attempts.allSatisfy { attempt in
            // A page that is minted again replaces its row.
            let pages = stored?.attempt(attempt.number)?.pages ?? []
            return attempt.pages.count >= pages.count
                && zip(pages, attempt.pages).allSatisfy { $0.isSameArtefact(as: $1) }
        }
    }
}

/// A decision's changes, and the answer to its caller.
struct DecidedOrder: Sendable {
    let decision: OrderDecision
    /// Called after the commit.
    let tell: @Sendable () -> Void
}
