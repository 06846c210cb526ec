/// The state of an attempt.
public enum AttemptState: Hashable, Sendable {
    /// The request is stored; the provider's answer is not known. Ended by the answer, the next call, or lease
    /// recovery.
    case creating(Tries)
    /// A page was stored, and the trade can be paid. Ended by a switch, a close, money, or the deadline.
    case open
    /// A close was sent to the provider; its outcome is not known. Ended by the answers to close and query, or by lease
    /// recovery, which repeats both.
    case closing(Closing)
    /// The attempt is superseded, but no close could be proven. Ended by a revival, money, or watching until its
    /// deadline. The value is the time of the last close that was not answered and may still arrive.
    case exposed(closeUnansweredAt: Instant?)
    /// The provider confirmed the close. Ended only by money that arrives anyway.
    case closed
    /// The provider definitely refused to create the trade. Ended only by money that arrives anyway.
    case failed
    /// The deadline has passed, and a query showed that no money was taken. Ended only by money, which raises an alarm.
    case lapsed
    /// Money arrived. Final.
    case paid

    public var name: AttemptStateName {
        switch self {
        case .creating: .creating
        case .open: .open
        case .closing: .closing
        case .exposed: .exposed
        case .closed: .closed
        case .failed: .failed
        case .lapsed: .lapsed
        case .paid: .paid
        }
    }

    /// When lease recovery takes over, unless the state changed before.
    public var recoverAt: Instant? {
        switch self {
        case .creating(let tries): tries.recoverAt
        case .closing(let closing): closing.recoverAt
        case .open, .exposed, .closed, .failed, .lapsed, .paid: nil
        }
    }
}

/// The record of a create without an answer.
public struct Tries: Hashable, Sendable {
    /// The number of the current or next try: one more than the answers with an unknown outcome. A process that crashed
    /// before it stored an answer is not counted.
    public internal(set) var count: Int
    /// When an outcome was first unknown; nil if none was.
    public internal(set) var firstUnknownAt: Instant?
    public internal(set) var recoverAt: Instant

    public init(count: Int, firstUnknownAt: Instant?, recoverAt: Instant) {
        self.count = count
        self.firstUnknownAt = firstUnknownAt
        self.recoverAt = recoverAt
    }
}

/// The record of an attempt that is being closed.
public struct Closing: Hashable, Sendable {
    public internal(set) var recoverAt: Instant
    /// When an earlier close was sent that was not answered; nil if there was none.
    public internal(set) var closeUnansweredAt: Instant?

    public init(recoverAt: Instant, closeUnansweredAt: Instant?) {
        self.recoverAt = recoverAt
        self.closeUnansweredAt = closeUnansweredAt
    }
}

/// The name of a state, without its values: used in rows and answers.
public enum AttemptStateName: String, CaseIterable, Sendable {
    case creating, open, closing, exposed, closed, failed, lapsed, paid

    /// At most one attempt of an order is in one of these states.
    public var isLive: Bool {
        switch self {
        case .creating, .open, .closing: true
        case .exposed, .closed, .failed, .lapsed, .paid: false
        }
    }

    /// The allowed transitions between states.
    func mayBecome(_ next: AttemptStateName) -> Bool {
        switch self {
        case .creating: [.open, .closing, .exposed, .closed, .failed, .lapsed, .paid].contains(next)
        case .open: [.closing, .closed, .lapsed, .paid].contains(next)
        case .closing: [.exposed, .closed, .lapsed, .paid].contains(next)
        case .exposed: [.open, .closing, .closed, .lapsed, .paid].contains(next)
        case .closed, .failed, .lapsed: next == .paid
        case .paid: false
        }
    }
}

/// A transition that is not allowed. It is a bug, so it is thrown.
public struct IllegalTransition: Error, Hashable, CustomStringConvertible {
    public let description: String
}
