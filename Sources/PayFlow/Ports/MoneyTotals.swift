public import PayCore

/// Sums of money over time, for charts.
public protocol MoneyTotals: Sendable {
    /// Payments that paid their order, by the time at which the provider took the money. A payment without an amount that
    /// could be refunded is left out. Sorted by step, then by currency.
    func payments(in steps: TimeSteps) async throws -> [MoneyTotal]

    /// Refunds that succeeded, by their end. Sorted like the payments.
    func refunds(in steps: TimeSteps) async throws -> [MoneyTotal]
}

/// A period of equal steps.
public struct TimeSteps: Hashable, Sendable {
    public let start: Instant
    public let step: Duration
    public let count: Int

    /// The last `count` steps. The last one contains `now`. Steps begin at multiples of their length, so that each chart
    /// has the same steps.
    ///
    /// Precondition: `step` is at least a millisecond.
    public init(_ count: Int, of step: Duration, until now: Instant) {
        let length = step.wholeMilliseconds
        let current = now.clamped.milliseconds / length
        start = Instant(milliseconds: (current - Int64(count) + 1) * length)
        self.step = step
        self.count = count
    }

    /// The start of each step.
    public var starts: [Instant] {
        (0..<count).map { start + .milliseconds(Int64($0) * step.wholeMilliseconds) }
    }

    /// The end of the last step, which is outside the period.
    public var end: Instant { start + .milliseconds(Int64(count) * step.wholeMilliseconds) }
}

/// The sum of the payments or refunds of one currency in one step.
public struct MoneyTotal: Hashable, Sendable {
    /// The position of the step in its period.
    public let step: Int
    public let currency: Currency
    public let count: Int
    /// In minor units.
    public let amount: Int64

    public init(step: Int, currency: Currency, count: Int, amount: Int64) {
        self.step = step
        self.currency = currency
        self.count = count
        self.amount = amount
    }
}
