/// When bills are fetched.
public struct BillSchedule: Hashable, Sendable {
    /// A day without a bill is tried again after this time.
    public static let pause = Duration.seconds(3_600)
    /// The same for a day that has had no bill for ``daysOfFrequentTries`` days.
    public static let longPause = Duration.seconds(86_400)
    static let daysOfFrequentTries = 3
    /// The provider may correct a bill: it is fetched once more after this time.
    public static let secondLookAfter = Duration.seconds(2 * 86_400)
    /// Days that are fetched after a stop of the service. Older bills are fetched by hand.
    public static let mostDaysBack: Int64 = 30

    /// The time of the day in China, since midnight, at which the bill of the day before is fetched.
    public let at: Duration

    public init(at: Duration) {
        self.at = at
    }

    /// The first fetch of a day's bill.
    public func firstTry(of day: BillDay) -> Instant { day.end + at }

    /// The days whose bills should be loaded at `now`, the oldest first: from `first`, the earliest day whose bill was
    /// fetched, to yesterday. Only yesterday without `first`.
    public func days(since first: BillDay?, at now: Instant) -> [BillDay] {
        let today = BillDay(containing: now).date.daysSince1970
        let earliest = max(first?.date.daysSince1970 ?? today - 1, today - Self.mostDaysBack)
        return (earliest..<max(earliest, today)).map { BillDay(CivilDate(daysSince1970: $0)) }
    }

    /// Whether the day's bill is fetched at `now`.
    public func isDue(_ day: BillDay, after progress: BillProgress, at now: Instant) -> Bool {
        let firstTry = firstTry(of: day)
        guard now >= firstTry else { return false }
        // A try after now: the clock was set back since.
        guard let triedAt = progress.triedAt, triedAt <= now else { return true }
        if progress.isLoaded {
            let secondLook = firstTry + Self.secondLookAfter
            guard now >= secondLook else { return false }
            if triedAt < secondLook { return true }
            // The second look failed: the corrected bill may still be unread.
            guard !progress.wasAnswered else { return false }
        }
        let isRecent = now < firstTry + .seconds(86_400 * Self.daysOfFrequentTries)
        return now >= triedAt + (isRecent ? Self.pause : Self.longPause)
    }

    /// Whether the provider's statement that the day has no bill is believed although the books have money of the day.
    public func believesNone(of day: BillDay, at now: Instant) -> Bool {
        now >= firstTry(of: day) + Self.secondLookAfter
    }
}

/// The state of a day's bill.
public struct BillProgress: Hashable, Sendable {
    /// The last fetch; nil before the first one.
    public let triedAt: Instant?
    /// Whether the bill is loaded, or the provider has none.
    public let isLoaded: Bool
    /// Whether the last fetch got the provider's bill, or its word that there is none.
    public let wasAnswered: Bool

    public init(triedAt: Instant?, isLoaded: Bool, wasAnswered: Bool) {
        self.triedAt = triedAt
        self.isLoaded = isLoaded
        self.wasAnswered = wasAnswered
    }

    public static let untried = BillProgress(triedAt: nil, isLoaded: false, wasAnswered: false)
}
