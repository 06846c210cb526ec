/// When a provider is asked what became of an attempt: often at first and rarely later, at the provider deadline, and
/// once more when its last word is due.
enum AskingTimes {
    /// A notice takes seconds: sooner than this, a query would ask for what is on its way.
    static let shortestPause = Duration.seconds(15)
    /// A lost notice is found no later than this while there is time to pay.
    static let longestPause = Duration.seconds(600)
    /// An attempt that we offer no more may be paid beside another: it is closed as soon as it can be.
    static let longestPauseWhileExposed = Duration.seconds(30)
    /// A provider that does not say its last word is asked for it at least so often.
    static let longestPauseAtTheEnd = Duration.seconds(3_600)

    /// How long after a close or a refusal a trade is queried. A buyer at the password prompt may finish within minutes
    /// after a close, and the notice of it may be lost; the last word may be 15 days away.
    static let checksAfterAClose: [Duration] = [.seconds(60), .seconds(300), .seconds(900), .seconds(3_600)]
    /// A disputed payment is queried so often after the last word: soon enough after a wrong setting was put right, and
    /// rarely enough for a provider's limits.
    static let pauseWhileDisputed = Duration.seconds(3_600)
    /// A disputed payment is followed for a week: a setting that is wrong over a weekend is put right by then.
    static let disputesAreFollowedFor = Duration.seconds(7 * 86_400)

    /// As long as something has gone on already, but neither too short nor too long.
    static func pause(after age: Duration, atMost longest: Duration) -> Duration {
        min(max(age, shortestPause), longest)
    }
}

extension Attempt {
    /// From when on *unpaid* means that it never will be: its session, too, has ended by then.
    var takesNoMoneyFrom: Instant {
        guard let sessionEndsAt else { return lastWordAt }
        return max(lastWordAt, sessionEndsAt + (lastWordAt - request.providerDeadline))
    }

    /// Whether nothing more is to be learned of it: it takes no more money. (In a new order, `paid` means that the money
    /// has gone back.)
    public var isOver: Bool {
        switch state {
        case .lapsed, .paid: true
        case .closed, .failed: askAt == nil
        case .creating, .open, .closing, .exposed: false
        }
    }

    /// Whether it may have ended while somebody else held the order's lease: watching takes no lease, nor does money
    /// that has gone back.
    var wasEndedWithoutLease: Bool {
        switch state {
        case .closed, .lapsed, .paid: true
        case .creating, .open, .closing, .exposed, .failed: false
        }
    }

    /// Whether it is queried by watching. Otherwise lease recovery asks, or there is nothing more to learn.
    var isWatched: Bool {
        switch state {
        case .open, .exposed, .closed, .failed: true
        case .creating, .closing, .lapsed, .paid: false
        }
    }

    /// From when on an answer to a query is the last one that is needed.
    var lastQueryAt: Instant {
        switch state {
        case .closed, .failed: lastWordAt
        case .creating, .open, .closing, .exposed, .lapsed, .paid: takesNoMoneyFrom
        }
    }

    /// When it is asked after next, from now on.
    func nextAsk(after now: Instant) -> Instant? {
        switch state {
        case .creating, .closing, .lapsed, .paid:
            return nil
        case .closed, .failed:
            guard now < lastWordAt else { return nextAskAtTheEnd(after: now) }
            let checks = AskingTimes.checksAfterAClose.lazy.map { stateSince + $0 }
            return checks.first { now < $0 && $0 < lastWordAt } ?? lastWordAt
        case .open:
            return nextAsk(after: now, atMost: AskingTimes.longestPause)
        case .exposed:
            return nextAsk(after: now, atMost: AskingTimes.longestPauseWhileExposed)
        }
    }

    private func nextAsk(after now: Instant, atMost longest: Duration) -> Instant {
        guard now < takesNoMoneyFrom else { return nextAskAtTheEnd(after: now) }
        let next = now + AskingTimes.pause(after: now - stateSince, atMost: longest)
        let landmarks = [request.providerDeadline, lastWordAt, takesNoMoneyFrom].filter { now < $0 }
        return min(next, landmarks.min() ?? next)
    }

    private func nextAskAtTheEnd(after now: Instant) -> Instant {
        now + AskingTimes.pause(after: now - takesNoMoneyFrom, atMost: AskingTimes.longestPauseAtTheEnd)
    }
}
