public import PayCore

/// The deliveries of events to the merchant's endpoints. An event and its deliveries are stored in the transaction that
/// causes the event, by ``OrderDecisions``.
///
/// Of one order and endpoint, only the delivery of the oldest event that is pending can be claimed, and none while
/// another one is being sent.
public protocol Outbox: Sendable {
    /// Claims deliveries to an endpoint that are due at `now`, for this caller alone, up to, not at, `end`. The longest
    /// due come first. A delivery whose claim ran out is due again. Writes nothing if nothing is due.
    func claimDeliveries(
        to endpoint: EndpointName, dueAt now: Instant, until end: Instant, limit: Int
    ) async throws -> ClaimedDeliveries

    /// Stores the outcome of a try, and the try for ``DeliveryDesk/delivery(_:)``. Returns false, and stores nothing, if
    /// the claim is not the latest.
    func finishDelivery(
        _ claim: DeliveryClaim, _ step: DeliveryStep, after made: DeliveryTry, at now: Instant
    ) async throws -> Bool
}

/// The result of one claim.
public struct ClaimedDeliveries: Hashable, Sendable {
    public let claims: [DeliveryClaim]
    /// The orders of events that can't be read, because the database was edited by hand. The deliveries were parked, so
    /// that they hold up no other.
    public let unreadable: [OrderNumber]

    public init(claims: [DeliveryClaim], unreadable: [OrderNumber]) {
        self.claims = claims
        self.unreadable = unreadable
    }
}

/// The right to send an event to an endpoint once.
public struct DeliveryClaim: Hashable, Sendable {
    public let id: DeliveryID
    public let message: EventMessage
    public let endpoint: EndpointName
    /// The number of claims, including this one. The highest number is the latest claim.
    public let tries: Int
    /// The same, since the last resend.
    public let triesSinceResend: Int

    public init(id: DeliveryID, message: EventMessage, endpoint: EndpointName, tries: Int, triesSinceResend: Int) {
        self.id = id
        self.message = message
        self.endpoint = endpoint
        self.tries = tries
        self.triesSinceResend = triesSinceResend
    }
}

/// One try of a delivery.
public struct DeliveryTry: Hashable, Sendable {
    public let beganAt: Instant
    public let took: Duration
    public let reply: DeliveryReply

    public init(beganAt: Instant, took: Duration, reply: DeliveryReply) {
        self.beganAt = beganAt
        self.took = took
        self.reply = reply
    }
}
