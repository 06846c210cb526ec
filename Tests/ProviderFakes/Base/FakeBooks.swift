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
        public enum State: String, Hashable, Sendable {
            /// The provider is processing it.
            case underWay
            case done
            /// Over, and no money moved. The number is used up.
            case closed
            /// The buyer's bank rejected it: a person decides at the provider (WeChat).
            case abnormal
        }

        /// The merchant's number, or the provider's own for a refund that was made in its console.
        public let number: String
        /// In minor units.
        public let amount: Int64
        public private(set) var state: State
        /// When the provider accepted it; nil if the fake does not tell.
        public let at: Instant?
        /// When the money was returned; nil if it was not, or if the fake does not tell.
        public private(set) var doneAt: Instant?

        public init(number: String, amount: Int64, isDone: Bool, at: Instant? = nil) {
            self.number = number
            self.amount = amount
            state = isDone ? .done : .underWay
            self.at = at
            doneAt = isDone ? at : nil
        }

        public var isDone: Bool { state == .done }

        /// Without effect in that state.
        public mutating func end(_ state: State, at now: Instant) {
            guard self.state != state else { return }
            self.state = state
            doneAt = state == .done ? now : nil
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

    /// Refunded, including refunds in progress, without those that moved no money.
    public var refunded: Int64 { refunds.filter { $0.state != .closed }.reduce(0) { $0 + $1.amount } }

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

    /// The refund of that number, and its trade.
    func refund(_ number: String) -> (FakeTrade, FakeTrade.Refund)? {
        for trade in all {
            if let refund = trade.refunds.first(where: { $0.number == number }) { return (trade, refund) }
        }
        return nil
    }

    /// Ends a refund. A trade whose money was all returned is refunded, and otherwise paid. Throws for an unknown number.
    func endRefund(_ number: String, _ state: FakeTrade.Refund.State, at now: Instant) throws {
        guard let (known, _) = refund(number) else { throw FakeProblem("unknown refund \(number)") }
        update(known.number) { trade in
            guard var changed = trade, let index = changed.refunds.firstIndex(where: { $0.number == number }) else {
                return
            }
            changed.refunds[index].end(state, at: now)
            let isOver = changed.refunds.allSatisfy { $0.state != .underWay }
            changed.state = isOver && changed.refunded == changed.amount ? .refunded : .paid
            trade = changed
        }
    }
}
