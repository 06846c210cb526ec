public import PayCore

/// The providers' bills, their rows, and the differences from the books. Each operation is one short transaction, and
/// none is open while a bill is downloaded.
///
/// The fetch of a bill is claimed, so that two processes do not load it at once. A comparison needs no claim: repeated
/// or concurrent comparisons have the same result.
public protocol BillStore: Sendable {
    /// The progress of the channel's bills from `day` on.
    func billProgress(of channel: Channel, since day: BillDay) async throws -> [BillDay: BillProgress]

    /// The earliest day whose bill was fetched, whether it was loaded or not; nil before the first fetch.
    func firstBillDay(of channel: Channel) async throws -> BillDay?

    /// Claims the fetch of a bill up to, not at, `end`. Nil, and stores nothing, while another worker holds the claim.
    ///
    /// - Parameter audit: the entry of the person who ordered the fetch; nil for a fetch by the clock.
    func claimBill(
        of channel: Channel, _ day: BillDay, by worker: WorkerID, until end: Instant, at now: Instant,
        audit: AuditNote?
    ) async throws -> BillClaim?

    /// Adds rows to the load of the claim, and extends the claim. Throws ``BillClaimLost`` if the claim is not the
    /// latest.
    func stage(_ rows: [BillRow], under claim: BillClaim, until end: Instant) async throws

    /// Makes the staged rows count, in place of those of the last load, and ends the claim. A bill with the digest of
    /// the loaded one changes nothing. Throws ``BillClaimLost``.
    func load(_ file: BillFile, under claim: BillClaim, at now: Instant) async throws -> BillLoading

    /// Stores that the provider has no bill of the day, and ends the claim. Nothing is stored
    /// but the answer if a bill is loaded, or if the books have money of the day without a row in any bill, unless
    /// `isBelieved`. Throws ``BillClaimLost``.
    func loadNone(under claim: BillClaim, isBelieved: Bool, at now: Instant) async throws -> MissingBill

    /// Ends the claim without a bill. `answer` is for an operator. A later claim stays as it is.
    func giveUp(_ claim: BillClaim, answer: String, at now: Instant) async throws

    /// Deletes some rows of loads that never counted and that no claim works on. Returns whether there may be more.
    func deleteStaleRows(of channel: Channel, limit: Int) async throws -> Bool

    /// The loaded bills that were not compared yet.
    func uncomparedBills(of channel: Channel) async throws -> [UncomparedBill]

    /// Compares some of the lines without a partner, behind `place`, and stores the results with their differences.
    func compareLines(
        of channel: Channel, behind place: LinePlace?, limit: Int, foreign: ForeignLines, at now: Instant
    ) async throws -> ComparedLines

    /// Compares these lines again, after the provider was queried about them.
    func compareLines(
        _ lines: [LinePlace], of channel: Channel, after progress: QuestionProgress, foreign: ForeignLines,
        at now: Instant
    ) async throws -> [OpenedDifference]

    /// Opens differences for booked money of the day that no loaded bill has, behind `place`.
    func compareBooked(
        _ booked: BookedKind, of channel: Channel, on day: BillDay, behind place: BookedPlace?, limit: Int,
        at now: Instant
    ) async throws -> ComparedBooked

    /// Ends the comparison of a load: differences of rows that the provider withdrew are closed.
    func finishComparing(_ bill: UncomparedBill, at now: Instant) async throws

    /// The day of the latest bill that was loaded; nil without one.
    func lastBillDay(of channel: Channel) async throws -> BillDay?

    /// The number of open differences of each kind that has any.
    func openDifferences(of channel: Channel) async throws -> [DifferenceKind: Int]
}

/// The lists of bills and differences, and the decisions on differences.
public protocol ReconciliationReads: Sendable {
    func bills(_ listing: BillListing) async throws -> BillList
    func differences(_ listing: DifferenceListing) async throws -> DifferenceList
    func difference(_ id: DifferenceID) async throws -> RecordedDifference?

    /// Explains or closes a difference, and stores who did it. Nil if there is no such difference.
    func decide(
        _ decision: DifferenceDecision, by actor: Actor, at now: Instant
    ) async throws -> DecidedDifference?
}

/// The right to fetch one bill.
public struct BillClaim: Hashable, Sendable {
    public let channel: Channel
    public let day: BillDay
    /// The bill's row.
    public let bill: Int64
    /// Grows with every claim: a lower number is an old claim.
    public let number: Int64

    public init(channel: Channel, day: BillDay, bill: Int64, number: Int64) {
        self.channel = channel
        self.day = day
        self.bill = bill
        self.number = number
    }
}

/// Another worker claimed the bill: this fetch must end.
public struct BillClaimLost: Error, Hashable, CustomStringConvertible {
    public let channel: Channel
    public let day: BillDay

    public init(_ claim: BillClaim) {
        channel = claim.channel
        day = claim.day
    }

    public var description: String { "another process took over the bill of \(channel) of \(day)" }
}

/// The result of a load.
public enum BillLoading: Hashable, Sendable {
    case loaded
    /// The provider's bill is the loaded one.
    case unchanged
}

/// The result of the provider's statement that a day has no bill.
public enum MissingBill: Hashable, Sendable {
    case stored
    /// A bill of the day was loaded before, and stays.
    case loadedBefore
    /// The books have money of the day.
    case notBelieved
}

/// A loaded bill whose rows, or the day's booked money, were not compared yet.
public struct UncomparedBill: Hashable, Sendable {
    public let bill: Int64
    public let day: BillDay
    public let load: Int64

    public init(bill: Int64, day: BillDay, load: Int64) {
        self.bill = bill
        self.day = day
        self.load = load
    }
}

/// The place of a row among the rows of a channel.
public struct LinePlace: Hashable, Sendable {
    public let bill: Int64
    public let load: Int64
    public let standing: RowStanding
    public let row: Int

    public init(bill: Int64, load: Int64, standing: RowStanding, row: Int) {
        self.bill = bill
        self.load = load
        self.standing = standing
        self.row = row
    }
}

/// A line that the provider has to be queried about.
public struct QuestionedLine: Hashable, Sendable {
    public let place: LinePlace
    public let question: BillQuestion

    public init(place: LinePlace, question: BillQuestion) {
        self.place = place
        self.question = question
    }
}

/// The result of one comparison of lines.
public struct ComparedLines: Hashable, Sendable {
    public let compared: Int
    public let questions: [QuestionedLine]
    public let opened: [OpenedDifference]
    /// The start of the next comparison; nil at the end.
    public let next: LinePlace?

    public init(compared: Int, questions: [QuestionedLine], opened: [OpenedDifference], next: LinePlace?) {
        self.compared = compared
        self.questions = questions
        self.opened = opened
        self.next = next
    }
}

/// The booked money that a bill must have.
public enum BookedKind: String, CaseIterable, Sendable {
    case receipts, refunds

    /// The books may learn of money this many days after the provider's time for it. Stripe's time of a refund is that
    /// of its request, and a bank takes weeks.
    var daysLate: Int64 {
        switch self {
        case .receipts: 7
        case .refunds: 30
        }
    }
}

/// A place among the booked money of a day.
public struct BookedPlace: Hashable, Sendable {
    public let at: Instant
    public let id: Int64

    public init(at: Instant, id: Int64) {
        self.at = at
        self.id = id
    }
}

/// The result of one comparison of booked money.
public struct ComparedBooked: Hashable, Sendable {
    public let opened: [OpenedDifference]
    /// The start of the next comparison; nil at the end.
    public let next: BookedPlace?

    public init(opened: [OpenedDifference], next: BookedPlace?) {
        self.opened = opened
        self.next = next
    }
}

/// A difference that was opened just now.
public struct OpenedDifference: Hashable, Sendable {
    public let id: DifferenceID
    public let channel: Channel
    public let finding: DifferenceFinding

    public init(id: DifferenceID, channel: Channel, finding: DifferenceFinding) {
        self.id = id
        self.channel = channel
        self.finding = finding
    }
}
