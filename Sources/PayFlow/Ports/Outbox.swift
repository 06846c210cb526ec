public import PayCore

/// The messages to the merchant. A message is stored in the transaction that causes it, by ``OrderDecisions``.
///
/// Of one order, only the oldest pending message can be claimed, and none while another of the order is being sent.
public protocol Outbox: Sendable {
    /// Claims messages that are due at `now`, for this caller alone, up to, not at, `end`. The longest due come first.
    /// A message whose claim ran out is due again. Writes nothing if nothing is due.
    func claimDeliveries(dueAt now: Instant, until end: Instant, limit: Int) async throws -> ClaimedDeliveries

    /// Stores the outcome of a try. Returns false, and stores nothing, if the claim is not the latest.
    func finishDelivery(
        _ claim: DeliveryClaim, _ step: DeliveryStep, answer: DeliveryAnswer, at now: Instant
    ) async throws -> Bool

    /// Messages and their progress, the latest first.
    func deliveries(_ listing: DeliveryListing) async throws -> [DeliveryRecord]

    /// Makes messages due now, in any state, and restarts their back-off. Skips messages that are being sent.
    func resendDeliveries(_ wanted: DeliveriesToResend, at now: Instant) async throws -> ResendReport
}

/// The result of one claim.
public struct ClaimedDeliveries: Hashable, Sendable {
    public let claims: [DeliveryClaim]
    /// The orders of messages that can't be read, because the database was edited by hand. The messages were parked, so
    /// that they hold up no other.
    public let unreadable: [OrderNumber]

    public init(claims: [DeliveryClaim], unreadable: [OrderNumber]) {
        self.claims = claims
        self.unreadable = unreadable
    }
}

/// The right to send a message once.
public struct DeliveryClaim: Hashable, Sendable {
    public let delivery: Delivery
    /// The number of claims, including this one. The highest number is the latest claim.
    public let tries: Int
    /// The same, since the last resend.
    public let triesSinceResend: Int

    public init(delivery: Delivery, tries: Int, triesSinceResend: Int) {
        self.delivery = delivery
        self.tries = tries
        self.triesSinceResend = triesSinceResend
    }
}

/// The filter of a list of messages.
public struct DeliveryListing: Hashable, Sendable {
    public let state: DeliveryState?
    public let order: OrderNumber?
    public let limit: Int

    public init(state: DeliveryState? = nil, order: OrderNumber? = nil, limit: Int) {
        self.state = state
        self.order = order
        self.limit = limit
    }
}

/// A message and its progress, for an operator.
public struct DeliveryRecord: Hashable, Sendable {
    public let id: DeliveryID
    public let order: OrderNumber
    public let kind: OrderEvent.Kind
    public let occurredAt: Instant
    public let state: DeliveryState
    /// The number of claims. A process may have died between a claim and its try.
    public let tries: Int
    /// Pending: the earliest next try, or the end of the claim.
    public let nextAt: Instant
    /// The last acknowledgement by the merchant; nil without one.
    public let deliveredAt: Instant?
    /// The outcome of the last try, in a few words; nil before the first one.
    public let lastAnswer: String?

    public init(
        id: DeliveryID, order: OrderNumber, kind: OrderEvent.Kind, occurredAt: Instant, state: DeliveryState,
        tries: Int, nextAt: Instant, deliveredAt: Instant?, lastAnswer: String?
    ) {
        self.id = id
        self.order = order
        self.kind = kind
        self.occurredAt = occurredAt
        self.state = state
        self.tries = tries
        self.nextAt = nextAt
        self.deliveredAt = deliveredAt
        self.lastAnswer = lastAnswer
    }
}

/// The messages that an operator resends.
public enum DeliveriesToResend: Hashable, Sendable {
    case these([DeliveryID])
    case everyParked
}

/// The result of a resend.
public struct ResendReport: Hashable, Sendable {
    /// Messages that are due now.
    public let due: [DeliveryID]
    /// Messages that are being sent, and were skipped.
    public let beingSent: [DeliveryID]
    /// Numbers without a message.
    public let unknown: [DeliveryID]

    public init(due: [DeliveryID], beingSent: [DeliveryID], unknown: [DeliveryID]) {
        self.due = due
        self.beingSent = beingSent
        self.unknown = unknown
    }
}
