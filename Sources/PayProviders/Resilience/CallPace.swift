import PayCore

/// Pauses the calls to a provider that has rate-limited us. A pure state machine: time and chance are arguments.
struct CallPace: Equatable {
    static let firstPause = Duration.milliseconds(500)
    static let longestPause = Duration.seconds(30)
    /// A longer `Retry-After` is cut to this, so that one answer never blocks payments for longer than a minute.
    static let longestRetryAfter = Duration.seconds(60)
    /// How long calls must succeed before the next pause starts at the shortest again. Some providers rate-limit with
    /// an answer that looks successful; the adapter reports it a moment later.
    static let calmAfter = Duration.seconds(1)

    private enum State: Equatable {
        case unhindered
        /// Rate-limited `count` times in a row, last at `since`. `calm` is the time of the first success after that.
        case slowed(count: Int, since: Instant, until: Instant, calm: Instant?)
    }

    private var state = State.unhindered

    /// The rest of the pause; nil if calls are allowed.
    func pause(at now: Instant) -> Duration? {
        guard case .slowed(_, _, let until, _) = state, now < until else { return nil }
        // A pause beyond the maximum means that the clock was set back since.
        return until - now <= Self.longestRetryAfter ? until - now : nil
    }

    /// The provider rate-limited a call that began at `begunAt`. Returns nil if another call of the same burst was
    /// counted already.
    mutating func slowDown(begunAt: Instant, retryAfter: Duration? = nil, at now: Instant, jitter: Double) -> Duration?
    {
        var count = 0
        if case .slowed(let before, let since, _, let calm) = state {
            // A `since` in the future was stored before the clock was set back, and does not concern this call.
            guard pause(at: now) == nil, begunAt >= since || since > now else { return nil }
            let isCalm = calm.map { now - $0 >= Self.calmAfter } ?? false
            count = isCalm ? 0 : before
        }
        let own = BackOff.pause(count + 1, first: Self.firstPause, longest: Self.longestPause, jitter: jitter)
        let pause = retryAfter.map { min($0, Self.longestRetryAfter) } ?? own
        state = .slowed(count: count + 1, since: now, until: now + pause, calm: nil)
        return pause
    }

    /// A call that began at `begunAt` succeeded.
    mutating func goWell(begunAt: Instant, at now: Instant) {
        guard case .slowed(let count, let since, let until, let calm) = state else { return }
        guard begunAt >= until || until - now > Self.longestRetryAfter else { return }
        if let calm, now - calm >= Self.calmAfter {
            state = .unhindered
        } else {
            state = .slowed(count: count, since: since, until: until, calm: min(calm ?? now, now))
        }
    }
}
