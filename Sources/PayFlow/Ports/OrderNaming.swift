public import PayCore

/// Finds orders by any number that people have in hand.
public protocol OrderNaming: Sendable {
    /// The orders with this number: the order that has it as its own, else all orders with an attempt, a payment or a
    /// refund of this number, up to `limit`.
    func ordersNamed(_ number: String, limit: Int) async throws -> [NamedOrder]
}

/// An order, and the thing of the order that has the number.
public struct NamedOrder: Hashable, Sendable {
    public enum Bearer: Hashable, Sendable {
        case order
        case attempt(TradeNumber)
        case payment(Channel)
        case refund(TradeNumber)
    }

    public let order: OrderNumber
    public let bearer: Bearer

    public init(order: OrderNumber, bearer: Bearer) {
        self.order = order
        self.bearer = bearer
    }
}

/// A refund's number as a person has it: the merchant's own, or the one that the provider knows. A provider's may have
/// any visible ASCII character.
public struct RefundName: Hashable, Sendable {
    public static let longest = 255

    public let text: String

    /// Nil unless `text` is 1 to 255 visible ASCII characters.
    public init?(_ text: String) {
        guard text.isVisibleASCII(1...Self.longest) else { return nil }
        self.text = text
    }
}
