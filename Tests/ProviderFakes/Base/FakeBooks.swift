public import PayCore
import Synchronization

/// A trade in a fake's books.
public struct FakeTrade: Hashable, Sendable {
    public enum State: String, Hashable, Sendable {
        case unpaid, paid, closed
        /// All of its money was given back.
        case refunded
    }

    public struct Refund: Hashable, Sendable {
        public let number: String
        /// In minor units.
        public let amount: Int64
        /// Whether the money is on its way back for good; until then the provider is at it.
        public var isDone: Bool

        public init(number: String, amount: Int64, isDone: Bool) {
            self.number = number
            self.amount = amount
            self.isDone = isDone
        }
    }

    /// Our number for it.
    public let number: String
    /// The provider's own name for it, where it has one (Stripe).
    public var reference: String?
    /// In minor units.
    public let amount: Int64
    public let currency: String
    /// All that mayn't change when the number is sent again, in whatever form the fake compares it.
    public let particulars: String
    public var state: State
    /// How many requests for a page of it were done.
    public var creates: Int
    public var transactionID: String?
    public var paidAt: Instant?
    public var refunds: [Refund] = []

    public init(
        number: String, reference: String? = nil, amount: Int64, currency: String, particulars: String,
        state: State = .unpaid, creates: Int = 0
    ) {
        self.number = number
        self.reference = reference
        self.amount = amount
        self.currency = currency
        self.particulars = particulars
        self.state = state
        self.creates = creates
    }

    public var isPaid: Bool { state == .paid || state == .refunded }

    /// What was given back, or is about to be.
    public var refunded: Int64 { refunds.reduce(0) { $0 + $1.amount } }

    /// What the provider still has of it.
    public var kept: Int64 { isPaid ? amount - refunded : 0 }
}

/// A fake's trades, by our number for each. In memory.
public final class FakeBooks: Sendable {
    private struct State {
        var trades: [String: FakeTrade] = [:]
        /// The trades' numbers, the oldest first.
        var numbers: [String] = []
    }

    private let state = Mutex(State())

    public init() {}

    public subscript(number: String) -> FakeTrade? { state.withLock { $0.trades[number] } }

    /// The oldest first.
    public var all: [FakeTrade] { state.withLock { state in state.numbers.compactMap { state.trades[$0] } } }

    /// The one trade that fits; nil when there is none.
    public func first(where fits: (FakeTrade) -> Bool) -> FakeTrade? { all.first(where: fits) }

    /// Reads and changes one trade, and nobody comes between. It is entered by setting it, and never taken out.
    public func update<Value: Sendable>(_ number: String, _ change: (inout FakeTrade?) -> Value) -> Value {
        state.withLock { state in
            let isNew = state.trades[number] == nil
            let value = change(&state.trades[number])
            if isNew, state.trades[number] != nil { state.numbers.append(number) }
            return value
        }
    }
}
