public import PayCore

/// Receives the observations of the flows, for metrics and logs. An observation has no secret and no page.
public protocol FlowObserver: Sendable {
    func saw(_ observation: Observation)
}

extension FlowObserver {
    func saw(_ observations: [Observation]) {
        for observation in observations { saw(observation) }
    }
}

/// An event that is counted or logged.
public enum Observation: Hashable, Sendable {
    /// `doubt` is set exactly for a call with an unknown outcome.
    case providerCall(Channel, ProviderOperation, CallOutcome, TradeNumber, Doubt? = nil)
    case pageMinted(Channel, Terminal)
    case pageRequested(PageOrigin)
    case orderEntered(OrderStateName, OrderNumber)
    case duplicatePayment(Channel, TradeNumber)
    case latePayment(Channel, TradeNumber)
    /// Money arrived after all of it had gone back: it paid nothing.
    case returnedPayment(Channel, TradeNumber)
    case notice(Channel, NoticeOutcome)
    /// A notice was refused. It is counted as ``NoticeOutcome/refused``.
    case noticeRefused(Channel, NoticeRefusal)
    /// A manual decision is needed: money that doesn't match its attempt, money of a trade that isn't ours, or money
    /// that came back from a refund.
    case needsPerson(Channel, trade: String)
    /// Money arrived for a trade after the provider had ruled that out.
    case brokenWord(Channel, TradeNumber)
    /// A verified notice could not be stored; its sender was asked to send it again.
    case noticeNotStored(Channel, why: String)
    /// A verified notice tells of a refund that the provider did not confirm; its sender was asked to send it again.
    case noticeNotConfirmed(Channel, why: String)
    /// A refund reached this state.
    case refund(Channel, RefundState, TradeNumber)
    /// A message to the merchant was sent, or parked.
    case delivery(DeliveryOutcome, OrderNumber, to: EndpointName)
    /// The provider's own reason for a refusal.
    case refused(Channel, TradeNumber, reason: String)
    /// A create was never sent: the provider doesn't know it.
    case notSent(Channel, TradeNumber, reason: String)
    /// A lease ran out, and another worker took over.
    case recovered(OrderNumber)
    /// Lease recovery failed; the next run tries again.
    case notRecovered(OrderNumber, why: String)
    /// A query by the clock failed; the next run tries again.
    case notQueried(TradeNumber, why: String)
    /// The expiry of an order failed; the next run tries again.
    case notExpired(OrderNumber, why: String)
    /// The request of a refund failed; the next run tries again.
    case notRefunded(RefundReference, why: String)
    /// The search of an order for attempts that a restore lost failed; the next run tries again.
    case notSearched(OrderNumber, why: String)
    /// The number of things of a kind that wait for a person.
    case attention(AttentionKind, count: Int)
    /// The unfinished work, counted at an instant.
    case backlog(Backlog, at: Instant)
    case reconciliation(ReconcileObservation)
}

public enum ProviderOperation: String, CaseIterable, Sendable {
    case create, query, close, refund
}

/// The outcome of a provider call, as a metric's label.
public enum CallOutcome: String, CaseIterable, Sendable {
    case ok, refused, unknown
}

/// The outcome of a notice, as a metric's label.
public enum NoticeOutcome: String, CaseIterable, Sendable {
    /// The notice changed something.
    case settled
    /// The notice repeated a known fact.
    case repeated
    /// The particulars don't match the attempt: a manual decision is needed.
    case disputed
    /// The notice names a trade that isn't ours.
    case orphan
    /// The notice reports no money. A trade of ours that it names is queried.
    case ignored
    /// The signature was wrong, or the notice was too old.
    case refused
}

/// The outcome of one try to deliver a message to the merchant, as a metric's label.
public enum DeliveryOutcome: String, CaseIterable, Sendable {
    /// The merchant acknowledged the message.
    case delivered
    /// The merchant did not acknowledge the message; it is sent again.
    case failed
    /// All tries have failed for days: an operator has to resend the message.
    case parked
}
