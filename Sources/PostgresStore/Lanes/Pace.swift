/// A limit of how often something is done, which a few at once may be ahead of.
struct Pace {
    private let interval: Duration
    private let lead: Duration
    /// The next one's instant by the pace.
    private var next: ContinuousClock.Instant?

    /// - Parameters:
    ///   - interval: the time for each, on the average.
    ///   - lead: how far ahead of the pace the next one may begin.
    init(interval: Duration, lead: Duration) {
        self.interval = interval
        self.lead = lead
    }

    mutating func begin(at now: ContinuousClock.Instant) { next = max(next ?? now, now) + interval }

    /// The time until the next one may begin.
    func pause(at now: ContinuousClock.Instant) -> Duration {
        let early = next.map { now.duration(to: $0) } ?? .zero
        return max(early - lead, .zero)
    }
}
