/// What became of one sending, as far as can be told from here.
public enum DeliveryAnswer: Hashable, Sendable {
    /// Any 2xx: the merchant has it.
    case accepted
    /// Any other status. Redirects are among them: nobody configured where they lead.
    case refused(status: Int)
    /// No answer came, or none that can be read; the merchant may have the message all the same. The reason is fit for
    /// a log.
    case unanswered(reason: String)

    /// In a few words that are fit for a log.
    public var words: String {
        switch self {
        case .accepted: "accepted"
        case .refused(let status): "answered with \(status)"
        case .unanswered(let reason): reason
        }
    }

    /// What is done with the message after its try number `tryNumber`, counted from 1 since it was last sent by hand.
    public func step(afterTry tryNumber: Int, at now: Instant) -> DeliveryStep {
        if self == .accepted { return .delivered }
        guard let pause = DeliveryBackOff.pause(afterTry: tryNumber) else { return .parked }
        return .again(at: now + pause)
    }
}

/// What is done with a message after one sending of it.
public enum DeliveryStep: Hashable, Sendable {
    case delivered
    /// It is sent again, not before then.
    case again(at: Instant)
    case parked

    /// The same for a message about what happened at `occurredAt`. A try that ended with the process that made it counts
    /// as one; but no message is given up sooner than its pauses add up to.
    public func givingUp(noSoonerAfter occurredAt: Instant, at now: Instant) -> DeliveryStep {
        guard self == .parked, now - occurredAt < DeliveryBackOff.whole, let longest = DeliveryBackOff.pauses.last
        else { return self }
        return .again(at: now + longest)
    }
}

/// How long a message that was not taken waits until it is sent again.
public enum DeliveryBackOff {
    /// Seconds at first, for a receiver that is being restarted; then ever longer, for one whose people sleep. Three
    /// days in all, which is a weekend and the morning after it; then a person has to look.
    public static let pauses: [Duration] = [
        .seconds(5), .seconds(30), minutes(2), minutes(10), minutes(30), hours(1), hours(2), hours(4), hours(8),
        hours(12), hours(20), hours(24),
    ]

    /// How long a message is sent for before it may be given up.
    static let whole: Duration = pauses.reduce(.zero, +)

    /// Tries are counted and not days: days on which the service itself was down are no tries.
    static func pause(afterTry tryNumber: Int) -> Duration? {
        pauses.indices.contains(tryNumber - 1) ? pauses[tryNumber - 1] : nil
    }

    private static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }

    private static func hours(_ count: Int) -> Duration { .seconds(count * 3_600) }
}
