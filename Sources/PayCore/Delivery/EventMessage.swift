/// The content of a webhook: one event of an order, with the data that the merchant needs to book it.
///
/// It is built only from rows that never change, so each sending has the same content.
public struct EventMessage: Hashable, Sendable {
    /// The order's particulars, which never change. The order's state, which changes, is not among them.
    public struct OrderParticulars: Hashable, Sendable {
        public let number: OrderNumber
        public let userID: UserID
        public let money: Money
        public let subject: Subject

        public init(number: OrderNumber, userID: UserID, money: Money, subject: Subject) {
            self.number = number
            self.userID = userID
            self.money = money
            self.subject = subject
        }
    }

    /// The particulars of the refund that the webhook is about.
    public struct RefundParticulars: Hashable, Sendable {
        /// The number in the API: the merchant's, or else the one that the refund was stored under.
        public let number: String
        public let money: Money
        public let cause: RefundCause
        public let reason: RefundReason?

        public init(number: String, money: Money, cause: RefundCause, reason: RefundReason?) {
            self.number = number
            self.money = money
            self.cause = cause
            self.reason = reason
        }
    }

    /// The particulars of the difference that the webhook is about.
    public struct DifferenceParticulars: Hashable, Sendable {
        public let id: DifferenceID
        public let channel: Channel
        public let finding: DifferenceFinding

        public init(id: DifferenceID, channel: Channel, finding: DifferenceFinding) {
            self.id = id
            self.channel = channel
            self.finding = finding
        }
    }

    public let id: EventID
    public let event: OrderEvent
    public let order: OrderParticulars
    /// The payment of the event; nil if the event has none.
    public let payment: Receipt?
    /// The refund of the event; nil if the event has none.
    public let refund: RefundParticulars?
    /// The difference of the event; nil if the event has none.
    public let difference: DifferenceParticulars?

    public init(
        id: EventID, event: OrderEvent, order: OrderParticulars, payment: Receipt?, refund: RefundParticulars?,
        difference: DifferenceParticulars? = nil
    ) {
        self.id = id
        self.event = event
        self.order = order
        self.payment = payment
        self.refund = refund
        self.difference = difference
    }

    /// The merchant's identifier for the event, the same in every try and at every endpoint. It includes the instant,
    /// because the number alone could repeat in another database or after a restore from a backup.
    public var messageID: String { Self.messageID(id, at: event.at) }

    public static func messageID(_ id: EventID, at instant: Instant) -> String { "evt_\(id)_\(instant.milliseconds)" }
}
