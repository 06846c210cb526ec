public import PayCore

/// The messages that wait to be sent. An event enters it in the transaction that causes it, by ``Ledger``.
///
/// Of one order only the oldest message that is neither delivered nor parked can be claimed, and none while another of
/// the order is being sent.
public protocol Outbox: Sendable {
    /// Gives messages that are due at `now` to the caller alone up to, not at, `end`; the longest due first. One whose
    /// claim ran out is due again. Writes nothing when nothing is due.
    func claimDeliveries(dueAt now: Instant, until end: Instant, limit: Int) async throws -> ClaimedDeliveries

    /// Stores what became of a sending. False, and nothing stored, when the claim is no longer the latest.
    func finishDelivery(
        _ claim: DeliveryClaim, _ step: DeliveryStep, answer: DeliveryAnswer, at now: Instant
    ) async throws -> Bool

    /// Messages as they stand, the latest first.
    func deliveries(_ listing: DeliveryListing) async throws -> [DeliveryRecord]

    /// Makes messages due now, with all their tries before them, whatever state they are in. One that is being sent is
    /// left alone.
    func resendDeliveries(_ wanted: DeliveriesToResend, at now: Instant) async throws -> ResendReport
}

/// What was claimed at once.
public struct ClaimedDeliveries: Hashable, Sendable {
    public let claims: [DeliveryClaim]
    /// The orders of messages that can't be read back, because somebody edited the database. They were parked, so that
    /// they hold up no other.
    public let unreadable: [OrderNumber]

    public init(claims: [DeliveryClaim], unreadable: [OrderNumber]) {
        self.claims = claims
        self.unreadable = unreadable
    }
}

/// The right to send a message once.
public struct DeliveryClaim: Hashable, Sendable {
    public let delivery: Delivery
    /// How often it was claimed, this time included. It only grows: the highest is the latest claim.
    public let tries: Int
    /// The same, since it was last sent by hand.
    public let triesSinceResend: Int

    public init(delivery: Delivery, tries: Int, triesSinceResend: Int) {
        self.delivery = delivery
        self.tries = tries
        self.triesSinceResend = triesSinceResend
    }
}

/// Which messages are listed.
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

/// A message as it stands, for a person to look at.
public struct DeliveryRecord: Hashable, Sendable {
    public let id: DeliveryID
    public let order: OrderNumber
    public let kind: OrderEvent.Kind
    public let occurredAt: Instant
    public let state: DeliveryState
    /// How often it was sent, or was to be: a process may have died between the one and the other.
    public let tries: Int
    /// While it is pending: when it may be sent, or when the claim of whoever sends it ends.
    public let nextAt: Instant
    /// When it was taken last; nil when it never was.
    public let deliveredAt: Instant?
    /// What the last try came to, in a few words; nil before it.
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

/// Which messages a person has sent again.
public enum DeliveriesToResend: Hashable, Sendable {
    case these([DeliveryID])
    case everyParked
}

/// What became of the wish to send messages again.
public struct ResendReport: Hashable, Sendable {
    /// They are due now.
    public let due: [DeliveryID]
    /// They are being sent at the moment, and were left alone.
    public let beingSent: [DeliveryID]
    /// There are none of these numbers.
    public let unknown: [DeliveryID]

    public init(due: [DeliveryID], beingSent: [DeliveryID], unknown: [DeliveryID]) {
        self.due = due
        self.beingSent = beingSent
        self.unknown = unknown
    }
}
