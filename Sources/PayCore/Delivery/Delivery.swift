/// A webhook to the merchant: one event of an order, with the data that the merchant needs to book it.
///
/// It is built only from rows that never change, so each sending has the same content.
public struct Delivery: Hashable, Sendable {
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

    public let id: DeliveryID
    public let event: OrderEvent
    public let order: OrderParticulars
    /// The payment of the event; nil if the event has none.
    public let payment: Receipt?
    /// The refund of the event; nil if the event has none.
    public let refund: RefundParticulars?
    /// The difference of the event; nil if the event has none.
    public let difference: DifferenceParticulars?

    public init(
        id: DeliveryID, event: OrderEvent, order: OrderParticulars, payment: Receipt?, refund: RefundParticulars?,
        difference: DifferenceParticulars? = nil
    ) {
        self.id = id
        self.event = event
        self.order = order
        self.payment = payment
        self.refund = refund
        self.difference = difference
    }

    /// The merchant's identifier for the webhook, the same in every try. It includes the instant, because the number
    /// alone could repeat in another database or after a restore from a backup.
    public var messageID: String { "evt_\(id)_\(event.at.milliseconds)" }
}

/// The outbox's number for a webhook. Numbers of an order increase, and no number is used twice.
public struct DeliveryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: Int64

    /// Nil unless `number` is above zero.
    public init?(_ number: Int64) {
        guard number > 0 else { return nil }
        self.number = number
    }

    public static func < (left: DeliveryID, right: DeliveryID) -> Bool { left.number < right.number }

    public var description: String { "\(number)" }
}

/// The state of a webhook.
public enum DeliveryState: String, CaseIterable, Sendable {
    /// It is due, or is being sent. Ended by the receiver's answer, or after the last try.
    case pending
    /// The merchant acknowledged it. Ended only by a manual resend.
    case delivered
    /// Every try failed, over several days. Ended by a manual resend.
    case parked
}
