/// The kind of a disagreement between a provider's bill and our books.
public enum DifferenceKind: String, CaseIterable, Sendable {
    /// The bill has a payment that the books do not have.
    case missingHere = "missing_here"
    /// The books have a payment that no bill has.
    case missingThere = "missing_there"
    /// Both have the payment, with another amount or currency.
    case amount
    /// Both have the money, and disagree whether it moved. A row that can't be read has this kind too.
    case status
    /// The bill has a refund that the books do not have.
    case refundMissingHere = "refund_missing_here"
    /// The books have a refund that no bill has.
    case refundMissingThere = "refund_missing_there"
    /// Both have the refund, with another amount or currency.
    case refundAmount = "refund_amount"
}

/// The state of a difference: `open` → `explained` → `closed`, or `open` → `closed`.
public enum DifferenceState: String, CaseIterable, Sendable {
    /// It needs a manual decision. It closes by itself when the two sides agree.
    case open
    /// A person knows the reason. It closes by itself when the two sides agree.
    case explained
    /// Final.
    case closed

    /// Whether a person may move a difference from this state to `next`. A second note replaces the first one.
    public func mayBecome(_ next: DifferenceState) -> Bool {
        self != .closed && next != .open
    }
}

/// The reason why a difference is closed.
public enum DifferenceEnd: String, CaseIterable, Sendable {
    /// Both sides agree: the other side arrived, or the books no longer have the money.
    case matched
    /// Another kind of difference replaced it.
    case replaced
    /// The provider issued the bill again, without the row.
    case withdrawn
    /// A person closed it.
    case decided
}

/// A person's note about a difference: 1 to 1000 characters without control characters.
public struct DifferenceNote: PrintableText {
    public static let longest = 1_000

    public let text: String

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        guard text.isPrintable(upTo: Self.longest) else { return nil }
        self.text = text
    }
}

/// The number of a difference.
public struct DifferenceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: Int64

    /// Nil unless `number` is above zero.
    public init?(_ number: Int64) {
        guard number > 0 else { return nil }
        self.number = number
    }

    public static func < (left: DifferenceID, right: DifferenceID) -> Bool { left.number < right.number }

    public var description: String { "\(number)" }
}

/// The identity of the money of a difference. It is the same in every computation and in every issue of a bill, so
/// that no difference is opened twice.
public struct DifferenceSubject: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// A subject as it was stored.
    public init(text: String) {
        self.text = text
    }

    private init(_ text: String) {
        self.text = text
    }

    /// A payment, by the provider's number for it.
    static func payment(_ transactionID: String) -> DifferenceSubject {
        DifferenceSubject("payment:\(transactionID)")
    }

    /// A payment without a provider's number.
    static func trade(_ tradeNumber: String) -> DifferenceSubject { DifferenceSubject("trade:\(tradeNumber)") }

    /// Providers require a refund's number to be unique within its trade.
    static func refund(_ number: String, of tradeNumber: String) -> DifferenceSubject {
        DifferenceSubject("refund:\(tradeNumber):\(number)")
    }

    /// A row that can't be read.
    public static func row(_ row: Int, of day: BillDay) -> DifferenceSubject { DifferenceSubject("row:\(day):\(row)") }

    /// A further row about the same money.
    func repeated(in row: Int, of day: BillDay) -> DifferenceSubject { DifferenceSubject("\(text):\(day):\(row)") }

    /// The same money in a line that says that it did not move.
    var failed: DifferenceSubject { DifferenceSubject(text + ":failed") }

    public var description: String { text }
}

/// One side's statement about the money of a difference.
public struct BookedMoney: Hashable, Sendable {
    public let amount: Int64
    public let currencyCode: String
    /// The standing of a receipt, the state of a refund, or the status of a line.
    public let status: String

    public init(amount: Int64, currencyCode: String, status: String) {
        self.amount = amount
        self.currencyCode = currencyCode
        self.status = status
    }

    public init(_ line: BillLine) {
        self.init(amount: line.amount, currencyCode: line.currencyCode, status: line.status.rawValue)
    }

    init(_ recorded: RecordedReceipt) {
        self.init(
            amount: recorded.receipt.amount, currencyCode: recorded.receipt.currencyCode,
            status: recorded.standing.rawValue)
    }

    init(_ refund: Refund) {
        self.init(
            amount: refund.money.amount, currencyCode: refund.money.currency.code, status: refund.state.rawValue)
    }
}

/// A difference as a comparison finds it.
public struct DifferenceFinding: Hashable, Sendable {
    public let kind: DifferenceKind
    public let subject: DifferenceSubject
    /// The day of the bill that has the money, or should have it.
    public let day: BillDay
    /// The order, if it is ours.
    public let order: OrderNumber?
    /// The trade's number in the provider's spelling; nil for a row that can't be read.
    public let tradeNumber: String?
    public let transactionID: String?
    public let refundNumber: String?
    /// The statement of our books; nil if they have no such money.
    public let here: BookedMoney?
    /// The statement of the bill; nil if no bill has such money.
    public let there: BookedMoney?

    public init(
        _ kind: DifferenceKind, _ subject: DifferenceSubject, day: BillDay, order: OrderNumber?, tradeNumber: String?,
        transactionID: String?, refundNumber: String?, here: BookedMoney?, there: BookedMoney?
    ) {
        self.kind = kind
        self.subject = subject
        self.day = day
        self.order = order
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.refundNumber = refundNumber
        self.here = here
        self.there = there
    }

    /// The finding about a row that can't be read. It is a difference at once, because no money can arrive for it.
    public static func unreadable(row: Int, of day: BillDay) -> DifferenceFinding {
        DifferenceFinding(
            .status, .row(row, of: day), day: day, order: nil, tradeNumber: nil, transactionID: nil, refundNumber: nil,
            here: nil, there: nil)
    }
}
