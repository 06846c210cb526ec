/// Where an attempt stands.
public enum AttemptState: Hashable, Sendable {
    /// The request is stored; the provider's answer is not known. Moved on by the answer, the next call, or lease
    /// recovery.
    case creating(Tries)
    /// A page was stored, and the trade can be paid. Moved on by a switch, a close, money, or its deadline.
    case open
    /// The provider was asked to close it, and we do not know yet. Moved on by the answers to close and query, or lease
    /// recovery, which asks again.
    case closing(Closing)
    /// We offer it no more, but could not prove it closed. Moved on by revival, money, or watching it until its
    /// deadline. Carries when a close was last sent that was never answered, and may still land.
    case exposed(closeUnansweredAt: Instant?)
    /// The provider says that it is closed. Moved on only by money that came all the same.
    case closed
    /// The provider definitely refused to create it. Moved on only by money that came all the same.
    case failed
    /// Its time is over, and the provider, asked, has taken no money. Moved on only by money, and an alarm.
    case lapsed
    /// Money arrived. Nothing moves it on.
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

    /// When lease recovery looks at it, if nothing else has moved it on by then.
    public var recoverAt: Instant? {
        switch self {
        case .creating(let tries): tries.recoverAt
        case .closing(let closing): closing.recoverAt
        case .open, .exposed, .closed, .failed, .lapsed, .paid: nil
        }
    }
}

/// What is known of an attempt that waits for its first answer.
public struct Tries: Hashable, Sendable {
    /// Which try is under way, or comes next: one more than the answers that failed to tell. A process that died
    /// before it could tell counts for nothing.
    public internal(set) var count: Int
    /// When an answer first failed to tell; nil while none has.
    public internal(set) var firstUnknownAt: Instant?
    public internal(set) var recoverAt: Instant

    public init(count: Int, firstUnknownAt: Instant?, recoverAt: Instant) {
        self.count = count
        self.firstUnknownAt = firstUnknownAt
        self.recoverAt = recoverAt
    }
}

/// What is known of an attempt that is being closed.
public struct Closing: Hashable, Sendable {
    public internal(set) var recoverAt: Instant
    /// When an earlier close was sent that nobody saw answered; nil when there was none.
    public internal(set) var closeUnansweredAt: Instant?

    public init(recoverAt: Instant, closeUnansweredAt: Instant?) {
        self.recoverAt = recoverAt
        self.closeUnansweredAt = closeUnansweredAt
    }
}

/// A state without what it carries: what a row and an answer call it.
public enum AttemptStateName: String, CaseIterable, Sendable {
    case creating, open, closing, exposed, closed, failed, lapsed, paid

    /// At most one attempt of an order is in one of these.
    public var isLive: Bool {
        switch self {
        case .creating, .open, .closing: true
        case .exposed, .closed, .failed, .lapsed, .paid: false
        }
    }

    /// The moves of the table in the design, and no other.
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

/// A move that the tables don't have. It is a bug, so it is thrown, never passed over.
public struct IllegalTransition: Error, Hashable, CustomStringConvertible {
    public let description: String
}
