/// The place of a bill's row in the reconciliation.
public enum RowStanding: String, CaseIterable, Sendable {
    /// It has no partner in the books yet, or was not compared yet.
    case waiting
    /// The books agree.
    case matched
    /// It has a difference.
    case difference
    /// It is about another system's payment at the same account.
    case foreign
    /// It is not about a payment or a refund.
    case other
    /// The parser does not understand it. It has a difference.
    case unreadable
}

/// How long a line has waited for its partner.
public enum Lateness: Hashable, Sendable {
    /// The next day's bill is not loaded: the partner may stand on the other side of midnight.
    case inTime
    /// The next day's bill is loaded.
    case overdue
    /// The bills of the next two days are loaded. The line is a difference even if the provider can't be queried.
    case longOverdue
}

/// A question to the provider about money that the books do not have as the bill has it.
public enum BillQuestion: Hashable, Sendable {
    /// Query the trade: the bill has a payment that no notice and no query told of.
    case trade(TradeNumber)
    /// Query a refund with a number that the books do not have: it was made in the provider's console.
    case foreignRefund(BillLine, of: TradeNumber)
    /// Query a refund of ours again: the bill tells another outcome.
    case refund(number: String, of: TradeNumber)

    public var tradeNumber: TradeNumber {
        switch self {
        case .trade(let number), .foreignRefund(_, let number), .refund(_, let number): number
        }
    }
}

/// Whether the provider was queried about a line during this comparison.
public enum QuestionProgress: Hashable, Sendable {
    case notAsked
    case answered
    /// The provider's answer is unknown, and proves nothing.
    case unanswered
}

/// The outcome of comparing a line with the books.
public enum LineVerdict: Hashable, Sendable {
    /// Both sides agree. Differences about the subject are over.
    case matched(DifferenceSubject)
    /// The line is not about a payment of ours.
    case foreign
    /// Query the provider, and compare again.
    case ask(BillQuestion)
    /// Compare again when the next bill is loaded or money arrived.
    case waiting(DifferenceSubject)
    case difference(DifferenceFinding)
}

/// The facts that a line is compared with.
public struct LineContext: Sendable {
    public let channel: Channel
    /// The day of the line's bill.
    public let day: BillDay
    /// The order that the line's payment or number belongs to; nil without one.
    public let order: Order?
    public let lateness: Lateness
    /// Whether a loaded bill has a line that says that the same refund failed.
    public let hasFailedLine: Bool
    /// Whether another row of a loaded bill, one that was compared before, moved the same money.
    public let isRepeated: Bool
    public let progress: QuestionProgress
    public let foreign: ForeignLines

    public init(
        channel: Channel, day: BillDay, order: Order?, lateness: Lateness, hasFailedLine: Bool,
        isRepeated: Bool, progress: QuestionProgress, foreign: ForeignLines
    ) {
        self.channel = channel
        self.day = day
        self.order = order
        self.lateness = lateness
        self.hasFailedLine = hasFailedLine
        self.isRepeated = isRepeated
        self.progress = progress
        self.foreign = foreign
    }
}

/// The treatment of lines with numbers that have the form of ours and belong to no order.
public enum ForeignLines: String, CaseIterable, Sendable {
    /// They are differences: the database may have lost an order.
    case report
    /// They are counted as foreign: another Paypage uses the same account.
    case ignore
}
