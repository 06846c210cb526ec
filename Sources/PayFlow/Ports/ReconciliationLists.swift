public import PayCore

/// The state of a day's bill.
public enum BillState: String, CaseIterable, Sendable {
    /// It is not loaded.
    case wanted
    case loaded
    /// The provider has no bill of the day.
    case none
}

/// A day's bill and its figures.
public struct RecordedBill: Hashable, Sendable {
    public let channel: Channel
    public let day: BillDay
    public let state: BillState
    public let digest: String?
    public let loadedAt: Instant?
    /// When every row, and all booked money of the day, was compared; nil if that is still to be done.
    public let comparedAt: Instant?
    public let triedAt: Instant?
    /// The result of the last fetch, in a few words.
    public let lastAnswer: String?
    public let figures: BillFigures

    public init(
        channel: Channel, day: BillDay, state: BillState, digest: String?, loadedAt: Instant?, comparedAt: Instant?,
        triedAt: Instant?, lastAnswer: String?, figures: BillFigures
    ) {
        self.channel = channel
        self.day = day
        self.state = state
        self.digest = digest
        self.loadedAt = loadedAt
        self.comparedAt = comparedAt
        self.triedAt = triedAt
        self.lastAnswer = lastAnswer
        self.figures = figures
    }
}

/// The rows of a bill by their standing.
public struct BillFigures: Hashable, Sendable {
    public let rows: Int
    private let unmatched: [RowStanding: Int]

    /// - Parameter unmatched: the numbers of rows in every standing except `matched`.
    public init(rows: Int, unmatched: [RowStanding: Int]) {
        self.rows = rows
        self.unmatched = unmatched
    }

    public subscript(standing: RowStanding) -> Int {
        standing == .matched ? rows - unmatched.values.reduce(0, +) : unmatched[standing] ?? 0
    }
}

/// The filter of a list of bills. The latest day comes first.
public struct BillListing: Hashable, Sendable {
    public let channel: Channel?
    public let limit: Int
    /// The end of the last list.
    public let after: BillCursor?

    public init(channel: Channel? = nil, limit: Int, after: BillCursor? = nil) {
        self.channel = channel
        self.limit = limit
        self.after = after
    }
}

/// A place in the list of bills.
public struct BillCursor: Hashable, Sendable {
    public let day: BillDay
    public let channel: Channel

    public init(day: BillDay, channel: Channel) {
        self.day = day
        self.channel = channel
    }
}

public struct BillList: Sendable {
    public let bills: [RecordedBill]
    /// The start of the next list; nil at the end.
    public let next: BillCursor?

    public init(bills: [RecordedBill], next: BillCursor?) {
        self.bills = bills
        self.next = next
    }
}

/// A difference as it is stored.
public struct RecordedDifference: Hashable, Sendable {
    /// A person's decision.
    public struct Decision: Hashable, Sendable {
        public let note: DifferenceNote
        public let by: PersonName
        public let at: Instant

        public init(note: DifferenceNote, by: PersonName, at: Instant) {
            self.note = note
            self.by = by
            self.at = at
        }
    }

    public let id: DifferenceID
    public let channel: Channel
    public let finding: DifferenceFinding
    /// The row that shows the difference; nil if no bill has the money.
    public let row: Int?
    public let openedAt: Instant
    public let state: DifferenceState
    public let decision: Decision?
    public let closedAt: Instant?
    public let ending: DifferenceEnd?

    public init(
        id: DifferenceID, channel: Channel, finding: DifferenceFinding, row: Int?, openedAt: Instant,
        state: DifferenceState, decision: Decision?, closedAt: Instant?, ending: DifferenceEnd?
    ) {
        self.id = id
        self.channel = channel
        self.finding = finding
        self.row = row
        self.openedAt = openedAt
        self.state = state
        self.decision = decision
        self.closedAt = closedAt
        self.ending = ending
    }
}

/// The filter of a list of differences. The latest comes first.
public struct DifferenceListing: Hashable, Sendable {
    public let state: DifferenceState?
    public let channel: Channel?
    public let kind: DifferenceKind?
    public let order: OrderNumber?
    public let limit: Int
    /// The end of the last list.
    public let after: DifferenceID?

    public init(
        state: DifferenceState? = nil, channel: Channel? = nil, kind: DifferenceKind? = nil,
        order: OrderNumber? = nil, limit: Int, after: DifferenceID? = nil
    ) {
        self.state = state
        self.channel = channel
        self.kind = kind
        self.order = order
        self.limit = limit
        self.after = after
    }
}

public struct DifferenceList: Sendable {
    public let differences: [RecordedDifference]
    /// The start of the next list; nil at the end.
    public let next: DifferenceID?

    public init(differences: [RecordedDifference], next: DifferenceID?) {
        self.differences = differences
        self.next = next
    }
}

/// A person's decision on a difference.
public struct DifferenceDecision: Hashable, Sendable {
    public enum Verdict: Hashable, Sendable {
        case explain, close
    }

    public let id: DifferenceID
    public let verdict: Verdict
    public let note: DifferenceNote
    public let by: PersonName

    public init(_ id: DifferenceID, _ verdict: Verdict, note: DifferenceNote, by: PersonName) {
        self.id = id
        self.verdict = verdict
        self.note = note
        self.by = by
    }
}

/// The result of a decision.
public enum DecidedDifference: Hashable, Sendable {
    case decided(RecordedDifference)
    /// The difference is closed, which is final.
    case alreadyClosed(RecordedDifference)
}
