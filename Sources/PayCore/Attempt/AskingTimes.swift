/// When a provider is queried about an attempt: often at first, more rarely later, at the provider deadline, and once
/// more when the last word is due.
enum AskingTimes {
    /// A notice takes seconds. An earlier query would only repeat a notice that is on its way.
    static let shortestPause = Duration.seconds(15)
    /// While the attempt can be paid, a lost notice is detected within this time.
    static let longestPause = Duration.seconds(600)
    /// A superseded attempt may be paid in addition to another attempt. It is closed as soon as possible.
    static let longestPauseWhileExposed = Duration.seconds(30)
    /// A provider without a last word is queried at least this often.
    static let longestPauseAtTheEnd = Duration.seconds(3_600)

    /// When a trade is queried after a close or a refusal. A buyer at the password prompt may still pay within minutes
    /// after a close, and the notice may be lost. The last word may be 15 days away.
    static let checksAfterAClose: [Duration] = [.seconds(60), .seconds(300), .seconds(900), .seconds(3_600)]
    /// How often a disputed payment is queried after the last word. An hour is soon enough after a wrong setting was
    /// corrected, and within a provider's rate limits.
    static let pauseWhileDisputed = Duration.seconds(3_600)
    /// A disputed payment is followed for a week. A setting that was wrong over a weekend is corrected by then.
    static let disputesAreFollowedFor = Duration.seconds(7 * 86_400)

    /// A pause as long as the elapsed time, limited to a shortest and a longest pause.
    static func pause(after age: Duration, atMost longest: Duration) -> Duration {
        min(max(age, shortestPause), longest)
    }
}

extension Attempt {
    /// From this instant on, *unpaid* is final: the trade's session has ended too.
    var takesNoMoneyFrom: Instant {
        guard let sessionEndsAt else { return lastWordAt }
        return max(lastWordAt, sessionEndsAt + (lastWordAt - request.providerDeadline))
    }

    /// Whether the attempt is over: it takes no more money. (In a new order, `paid` means that the money was returned.)
    public var isOver: Bool {
        switch state {
        case .lapsed, .paid: true
        case .closed, .failed: askAt == nil
        case .creating, .open, .closing, .exposed: false
        }
    }

    /// Whether the attempt may have ended while another worker held the order's lease. Watching takes no lease, and
    /// neither does returned money.
    var wasEndedWithoutLease: Bool {
        switch state {
        case .closed, .lapsed, .paid: true
        case .creating, .open, .closing, .exposed, .failed: false
        }
    }

    /// Whether watching queries the attempt. In other states lease recovery queries it, or its outcome is final.
    var isWatched: Bool {
        switch state {
        case .open, .exposed, .closed, .failed: true
        case .creating, .closing, .lapsed, .paid: false
        }
    }

    /// From this instant on, the answer to a query is final.
    var lastQueryAt: Instant {
        switch state {
        case .closed, .failed: lastWordAt
        case .creating, .open, .closing, .exposed, .lapsed, .paid: takesNoMoneyFrom
        }
    }

    /// The instant of the next query after `now`; nil for none.
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
