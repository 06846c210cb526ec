public import PayCore

/// The events, deliveries and endpoints, for operators and for a merchant who polls.
public protocol DeliveryDesk: Sendable {
    /// Deliveries and their progress, the latest first.
    func deliveries(_ listing: DeliveryListing) async throws -> [DeliveryRecord]

    /// A delivery with its last tries; nil if there is no such delivery.
    func delivery(_ id: DeliveryID) async throws -> DeliveryDetail?

    /// Makes deliveries due now, in any state, and restarts their back-off. Skips deliveries that are being sent. The
    /// audit gets an entry for each delivery, or one for all that were parked.
    func resendDeliveries(
        _ wanted: DeliveriesToResend, by actor: Actor, at now: Instant
    ) async throws -> ResendReport

    /// Makes a delivery due of each event since an instant, for an endpoint or for every active one, also of events from
    /// before the endpoint existed. Skips deliveries that are being sent, and events that the endpoint is not for.
    func recoverDeliveries(
        since start: Instant, to endpoint: EndpointName?, by actor: Actor, at now: Instant
    ) async throws -> RecoverReport

    /// Events that the merchant may not know, in an order in which a later list never has an earlier event.
    func events(_ listing: EventListing) async throws -> EventList

    /// An event; nil if there is no such event.
    func event(_ id: EventID) async throws -> EventMessage?

    /// Stores the configured endpoints: new events get deliveries for these, and for no others. Writes nothing if they
    /// are as stored.
    func keepEndpoints(_ endpoints: [EndpointEntry], at now: Instant) async throws

    /// Every endpoint that was ever configured, by name.
    func endpoints() async throws -> [EndpointStanding]
}

/// The filter of a list of deliveries.
public struct DeliveryListing: Hashable, Sendable {
    public let state: DeliveryState?
    public let order: OrderNumber?
    public let endpoint: EndpointName?
    /// Only deliveries before this one: the last of the page before.
    public let before: DeliveryID?
    public let limit: Int

    public init(
        state: DeliveryState? = nil, order: OrderNumber? = nil, endpoint: EndpointName? = nil,
        before: DeliveryID? = nil, limit: Int
    ) {
        self.state = state
        self.order = order
        self.endpoint = endpoint
        self.before = before
        self.limit = limit
    }
}

/// A delivery and its progress, for an operator.
public struct DeliveryRecord: Hashable, Sendable {
    public let id: DeliveryID
    public let event: EventID
    public let endpoint: EndpointName
    /// Whether the endpoint is configured. A pending delivery to one that isn't is kept, and not sent.
    public let isEndpointActive: Bool
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
        id: DeliveryID, event: EventID, endpoint: EndpointName = .standard, isEndpointActive: Bool = true,
        order: OrderNumber, kind: OrderEvent.Kind, occurredAt: Instant, state: DeliveryState, tries: Int,
        nextAt: Instant, deliveredAt: Instant?, lastAnswer: String?
    ) {
        self.id = id
        self.event = event
        self.endpoint = endpoint
        self.isEndpointActive = isEndpointActive
        self.order = order
        self.kind = kind
        self.occurredAt = occurredAt
        self.state = state
        self.tries = tries
        self.nextAt = nextAt
        self.deliveredAt = deliveredAt
        self.lastAnswer = lastAnswer
    }

    /// The merchant's identifier for the event.
    public var messageID: String { EventMessage.messageID(event, at: occurredAt) }
}

/// A delivery with its last tries.
public struct DeliveryDetail: Hashable, Sendable {
    public let record: DeliveryRecord
    /// The latest first. A try whose process died is missing.
    public let attempts: [DeliveryAttempt]

    public init(record: DeliveryRecord, attempts: [DeliveryAttempt]) {
        self.record = record
        self.attempts = attempts
    }

    /// The most tries of a delivery that are kept: more than one back-off has.
    public static let attemptsKept = 20
}

/// A try of a delivery, as it was stored.
public struct DeliveryAttempt: Hashable, Sendable {
    public enum Outcome: String, CaseIterable, Sendable {
        case accepted, refused, unanswered

        public init(_ answer: DeliveryAnswer) {
            switch answer {
            case .accepted: self = .accepted
            case .refused: self = .refused
            case .unanswered: self = .unanswered
            }
        }
    }

    /// The number of the claim.
    public let number: Int
    public let beganAt: Instant
    public let took: Duration
    public let outcome: Outcome
    /// The HTTP status; nil without a readable answer.
    public let status: Int?
    /// The outcome in a few words.
    public let answer: String
    /// The beginning of the answer's body. Foreign text: escape it wherever it is shown.
    public let excerpt: String?

    /// The most characters of ``excerpt``.
    public static let longestExcerpt = 500

    public init(
        number: Int, beganAt: Instant, took: Duration, outcome: Outcome, status: Int?, answer: String, excerpt: String?
    ) {
        self.number = number
        self.beganAt = beganAt
        self.took = took
        self.outcome = outcome
        self.status = status
        self.answer = answer
        self.excerpt = excerpt
    }
}

/// The deliveries that an operator resends.
public enum DeliveriesToResend: Hashable, Sendable {
    case these([DeliveryID])
    case everyParked
}

/// The result of a resend.
public struct ResendReport: Hashable, Sendable {
    /// Deliveries that are due now.
    public let due: [DeliveryID]
    /// Deliveries that are being sent, and were skipped.
    public let beingSent: [DeliveryID]
    /// Numbers without a delivery.
    public let unknown: [DeliveryID]

    public init(due: [DeliveryID], beingSent: [DeliveryID], unknown: [DeliveryID]) {
        self.due = due
        self.beingSent = beingSent
        self.unknown = unknown
    }
}

/// The result of a recovery.
public struct RecoverReport: Hashable, Sendable {
    /// Deliveries of events that the endpoint had none of.
    public let added: Int
    /// Deliveries that are due now with a fresh set of retries.
    public let due: Int

    public init(added: Int, due: Int) {
        self.added = added
        self.due = due
    }
}
