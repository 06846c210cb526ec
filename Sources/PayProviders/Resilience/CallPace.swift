import PayCore

/// Leaves a provider alone for a while that says *too often*. A plain state machine: time and chance are arguments.
struct CallPace: Equatable {
    static let firstPause = Duration.milliseconds(500)
    static let longestPause = Duration.seconds(30)
    /// A `Retry-After` beyond this is cut: longer than a minute nobody is kept from paying by one answer.
    static let longestRetryAfter = Duration.seconds(60)
    /// How long calls must have gone well before the pauses begin with the first again. Some providers say *too often*
    /// in an answer that looks well at first, and its adapter tells so a moment later.
    static let calmAfter = Duration.seconds(1)

    private enum State: Equatable {
        case unhindered
        /// Asked to slow down so often in a row, the last time at `since`; `calm` since a call went well after it.
        case slowed(count: Int, since: Instant, until: Instant, calm: Instant?)
    }

    private var state = State.unhindered

    /// How long no call is to be made; nil when one may be.
    func pause(at now: Instant) -> Duration? {
        guard case .slowed(_, _, let until, _) = state, now < until else { return nil }
        // A longer one was begun by a clock that has been set back since.
        return until - now <= Self.longestRetryAfter ? until - now : nil
    }

    /// The provider said *too often* to a call that began at `begunAt`. Nil when that adds nothing: it was said to
    /// others of the same rush already.
    mutating func slowDown(begunAt: Instant, retryAfter: Duration? = nil, at now: Instant, jitter: Double) -> Duration?
    {
        var count = 0
        if case .slowed(let before, let since, _, let calm) = state {
            // An instant in the future was noted before the clock was set back, and says nothing of this call.
            guard pause(at: now) == nil, begunAt >= since || since > now else { return nil }
            let isCalm = calm.map { now - $0 >= Self.calmAfter } ?? false
            count = isCalm ? 0 : before
        }
        let own = BackOff.pause(count + 1, first: Self.firstPause, longest: Self.longestPause, jitter: jitter)
        let pause = retryAfter.map { min($0, Self.longestRetryAfter) } ?? own
        state = .slowed(count: count + 1, since: now, until: now + pause, calm: nil)
        return pause
    }

    /// A call that began at `begunAt` went well.
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
