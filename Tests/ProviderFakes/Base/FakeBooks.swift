public import PayCore
import Synchronization

/// A trade in a fake's books.
public struct FakeTrade: Hashable, Sendable {
    public enum State: String, Hashable, Sendable {
        case unpaid, paid, closed
        /// Refunded in full.
        case refunded
    }

    public struct Refund: Hashable, Sendable {
        public let number: String
        /// In minor units.
        public let amount: Int64
        /// Whether the refund is complete. Until then the provider is processing it.
        public var isDone: Bool

        public init(number: String, amount: Int64, isDone: Bool) {
            self.number = number
            self.amount = amount
            self.isDone = isDone
        }
    }

    /// Our number for it.
    public let number: String
    /// The provider's own id, if it has one (Stripe).
    public var reference: String?
    /// In minor units.
    public let amount: Int64
    public let currency: String
    /// Everything that must not change when the number is repeated, in the fake's own format.
    public let particulars: String
    public var state: State
    /// The number of page requests processed.
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

    /// Refunded, including refunds in progress.
    public var refunded: Int64 { refunds.reduce(0) { $0 + $1.amount } }

    /// The money that the provider still has.
    public var kept: Int64 { isPaid ? amount - refunded : 0 }
}

/// A fake's trades in memory, by our numbers.
public final class FakeBooks: Sendable {
    private struct State {
        var trades: [String: FakeTrade] = [:]
        /// The trades' numbers, oldest first.
        var numbers: [String] = []
    }

    private let state = Mutex(State())

    public init() {}

    public subscript(number: String) -> FakeTrade? { state.withLock { $0.trades[number] } }

    /// Oldest first.
    public var all: [FakeTrade] { state.withLock { state in state.numbers.compactMap { state.trades[$0] } } }

    /// The first trade that matches, or nil.
    public func first(where fits: (FakeTrade) -> Bool) -> FakeTrade? { all.first(where: fits) }

    /// Reads and changes one trade atomically. Setting it adds the trade; trades are never removed.
    public func update<Value: Sendable>(_ number: String, _ change: (inout FakeTrade?) -> Value) -> Value {
        state.withLock { state in
            let isNew = state.trades[number] == nil
            let value = change(&state.trades[number])
            if isNew, state.trades[number] != nil { state.numbers.append(number) }
            return value
        }
    }
}
