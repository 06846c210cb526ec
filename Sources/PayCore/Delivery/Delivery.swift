/// A message to the merchant: one event of an order, with what is needed to book it.
///
/// It is made of rows that never change, so that it is the same each time that it is sent.
public struct Delivery: Hashable, Sendable {
    /// What the message tells of its order: the particulars, which never change, and not where it stands, which does.
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

    /// What the message tells of the refund that it is about.
    public struct RefundParticulars: Hashable, Sendable {
        public let number: String
        public let money: Money

        public init(number: String, money: Money) {
            self.number = number
            self.money = money
        }
    }

    public let id: DeliveryID
    public let event: OrderEvent
    public let order: OrderParticulars
    /// The payment that is meant; nil where no money is.
    public let payment: Receipt?
    /// The refund that is meant; nil where none is.
    public let refund: RefundParticulars?

    public init(
        id: DeliveryID, event: OrderEvent, order: OrderParticulars, payment: Receipt?, refund: RefundParticulars?
    ) {
        self.id = id
        self.event = event
        self.order = order
        self.payment = payment
        self.refund = refund
    }

    /// What the merchant knows the message by, over all its tries. The instant is in it because the number alone would
    /// come again in another database, and in one that was restored from a backup.
    public var messageID: String { "evt_\(id)_\(event.at.milliseconds)" }
}

/// The outbox's number for a message: later ones of an order have higher ones, and none is given twice.
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

/// Where a message stands. Each says who moves it on.
public enum DeliveryState: String, CaseIterable, Sendable {
    /// It is to be sent, or is being sent. Moved on by the receiver's answer, or by its last try.
    case pending
    /// The merchant has taken it. Nothing moves it on, but a person who has it sent again.
    case delivered
    /// It was sent for days in vain. Moved on by a person, who has it sent again.
    case parked
}
