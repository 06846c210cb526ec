public import PayCore

/// Whom the flows tell what they did, for metrics and logs. What is told carries no secret and no page.
public protocol Witness: Sendable {
    func saw(_ observation: Observation)
}

extension Witness {
    func saw(_ observations: [Observation]) {
        for observation in observations { saw(observation) }
    }
}

/// Something that happened and is worth counting.
public enum Observation: Hashable, Sendable {
    /// `doubt` is there for a call whose outcome is unknown, and for no other.
    case providerCall(Channel, ProviderOperation, CallOutcome, TradeNumber, Doubt? = nil)
    case pageMinted(Channel, Terminal)
    case pageRequested(PageOrigin)
    case orderEntered(OrderStateName, OrderNumber)
    case duplicatePayment(Channel, TradeNumber)
    case latePayment(Channel, TradeNumber)
    /// Money came whose whole amount had gone back already: it paid nothing.
    case returnedPayment(Channel, TradeNumber)
    case notice(Channel, NoticeOutcome)
    /// A notice was not believed. It is counted as ``NoticeOutcome/refused``.
    case noticeRefused(Channel, NoticeRefusal)
    /// Money that is not what was asked for, or whose trade isn't ours, or that came back from a refund: a person decides.
    case needsPerson(Channel, trade: String)
    /// Money came for a trade whose provider had said that none would: its word can't be trusted.
    case brokenWord(Channel, TradeNumber)
    /// A verified notice could not be stored; its sender was told to send it again.
    case noticeNotStored(Channel, why: String)
    /// A refund came to this state.
    case refund(Channel, RefundState, TradeNumber)
    /// A message to the merchant was sent, or given up.
    case delivery(DeliveryOutcome, OrderNumber)
    /// The provider's own words for refusing.
    case refused(Channel, TradeNumber, reason: String)
    /// A create never left this machine: the provider can't have heard of it.
    case notSent(Channel, TradeNumber, reason: String)
    /// A lease ran out, and somebody took its work over.
    case recovered(OrderNumber)
    /// Taking over broke; the next run tries again.
    case notRecovered(OrderNumber, why: String)
    /// Asking after an attempt broke; it is asked again.
    case notReconciled(TradeNumber, why: String)
    /// Ending an order broke; the next run tries again.
    case notExpired(OrderNumber, why: String)
    /// Asking for a refund broke; it is asked again.
    case notRefunded(RefundReference, why: String)
}

public enum ProviderOperation: String, CaseIterable, Sendable {
    case create, query, close, refund
}

/// How a provider call ended, as a metric calls it.
public enum CallOutcome: String, CaseIterable, Sendable {
    case ok, refused, unknown
}

/// What became of a notice, as a metric calls it.
public enum NoticeOutcome: String, CaseIterable, Sendable {
    /// It settled something.
    case settled
    /// It said what was known.
    case repeated
    /// It is not what was asked for: a person decides.
    case disputed
    /// It names a trade that isn't ours.
    case orphan
    /// It tells of no money. A trade of ours that it names is queried.
    case ignored
    /// Its signature was wrong, or it was too old.
    case refused
}

/// How one sending of a message to the merchant ended, as a metric calls it.
public enum DeliveryOutcome: String, CaseIterable, Sendable {
    /// The merchant took it.
    case delivered
    /// The merchant did not take it; it is sent again.
    case failed
    /// It was sent for days in vain: a person has to send it again.
    case parked
}
