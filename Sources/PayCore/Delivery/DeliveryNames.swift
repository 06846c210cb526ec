/// The number of an event for the merchant. Numbers of an order increase, and no number is used twice.
public struct EventID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: Int64

    /// Nil unless `number` is above zero.
    public init?(_ number: Int64) {
        guard number > 0 else { return nil }
        self.number = number
    }

    public static func < (left: EventID, right: EventID) -> Bool { left.number < right.number }

    public var description: String { "\(number)" }
}

/// The outbox's number for the delivery of an event to one endpoint. No number is used twice.
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

/// The name of a receiver of webhooks.
public struct EndpointName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let longest = 32

    /// The endpoint of `webhook.url`.
    public static let standard = EndpointName("default")!

    public let text: String

    /// Nil unless `text` is 1 to 32 of `[a-z0-9_]`, beginning with a letter.
    public init?(_ text: String) {
        guard let first = text.utf8.first, first.isASCIILowercase, text.utf8.count <= Self.longest,
            text.utf8.allSatisfy({ $0.isASCIIWord && !$0.isASCIIUppercase })
        else { return nil }
        self.text = text
    }

    public static func < (left: EndpointName, right: EndpointName) -> Bool { left.text < right.text }

    public var description: String { text }
}

/// The state of a delivery.
public enum DeliveryState: String, CaseIterable, Sendable {
    /// It is due, or is being sent. Ended by the endpoint's answer, or after the last try.
    case pending
    /// The merchant acknowledged it. Ended only by a manual resend.
    case delivered
    /// Every try failed, over several days. Ended by a manual resend.
    case parked
}
