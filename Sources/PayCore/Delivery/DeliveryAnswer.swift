/// The result of one try, as far as it is known.
public enum DeliveryAnswer: Hashable, Sendable {
    /// Any 2xx status: the merchant acknowledged the webhook.
    case accepted
    /// Any other status, including a redirect: its target is not configured.
    case refused(status: Int)
    /// No readable answer came; the merchant may have received the webhook. The reason is safe to log.
    case unanswered(reason: String)

    /// A short text that is safe to log.
    public var words: String {
        switch self {
        case .accepted: "accepted"
        case .refused(let status): "answered with \(status)"
        case .unanswered(let reason): reason
        }
    }

    /// The next step after try `tryNumber`, counted from 1 since the last manual resend.
    public func step(afterTry tryNumber: Int, at now: Instant) -> DeliveryStep {
        if self == .accepted { return .delivered }
        guard let pause = DeliveryBackOff.pause(afterTry: tryNumber) else { return .parked }
        return .again(at: now + pause)
    }
}

/// The result of one try, with what an operator needs to find the cause.
public struct DeliveryReply: Hashable, Sendable {
    public let answer: DeliveryAnswer
    /// The HTTP status; nil without a readable answer.
    public let status: Int?
    /// The beginning of the answer's body, printable; nil if there is none.
    public let excerpt: String?

    public init(_ answer: DeliveryAnswer, status: Int? = nil, excerpt: String? = nil) {
        self.answer = answer
        self.status = status
        self.excerpt = excerpt
    }
}

/// The next step after one try.
public enum DeliveryStep: Hashable, Sendable {
    case delivered
    /// Retry, not before this instant.
    case again(at: Instant)
    case parked

    /// The step with a lower bound for giving up. A try that was interrupted by a crash counts, so a webhook is parked
    /// only after the sum of all pauses since `occurredAt`.
    public func givingUp(noSoonerAfter occurredAt: Instant, at now: Instant) -> DeliveryStep {
        guard self == .parked, now - occurredAt < DeliveryBackOff.whole, let longest = DeliveryBackOff.pauses.last
        else { return self }
        return .again(at: now + longest)
    }
}

/// How long a failed webhook waits until its next try.
public enum DeliveryBackOff {
    /// Seconds at first, for a receiver that restarts, then longer. Three days in total cover a weekend and the morning
    /// after it. Then a person must act.
    public static let pauses: [Duration] = [
        .seconds(5), .seconds(30), minutes(2), minutes(10), minutes(30), hours(1), hours(2), hours(4), hours(8),
        hours(12), hours(20), hours(24),
    ]

    /// The shortest time before a webhook may be parked.
    static let whole: Duration = pauses.reduce(.zero, +)

    /// Tries are counted instead of days, because the service makes no tries while it is down.
    static func pause(afterTry tryNumber: Int) -> Duration? {
        pauses.indices.contains(tryNumber - 1) ? pauses[tryNumber - 1] : nil
    }

    private static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }

    private static func hours(_ count: Int) -> Duration { .seconds(count * 3_600) }
}
