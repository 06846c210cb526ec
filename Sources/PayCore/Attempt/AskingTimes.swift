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

    /// Whether nothing more is to be learned of it: it holds no money, and won't.
    public var isOver: Bool {
        switch state {
        case .lapsed: true
        case .closed, .failed: askAt == nil
        case .creating, .open, .closing, .exposed, .paid: false
        }
    }

    /// Whether watching may have ended it while somebody else held the order's lease: it takes none.
    var wasEndedByWatching: Bool {
        switch state {
        case .closed, .lapsed: true
        case .creating, .open, .closing, .exposed, .failed, .paid: false
        }
    }

    /// When it is asked after next, from now on.
    func nextAsk(after now: Instant) -> Instant? {
        switch state {
        case .creating, .closing, .lapsed, .paid:
            return nil
        case .closed, .failed:
            return now < lastWordAt ? lastWordAt : nextAskAtTheEnd(after: now)
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
