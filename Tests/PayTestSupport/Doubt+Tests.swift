public import PayCore

extension Doubt {
    /// A doubt after an answer, for tests that do not check its reason.
    public static let answered = Doubt.answered(.unreadable)

    /// A doubt without an answer, for tests that do not check its reason.
    public static let unanswered = Doubt.unanswered(.timeout)

    /// The same doubt with the reason that stands for all.
    fileprivate var withoutReason: Doubt { isUnanswered ? .unanswered : .answered }
}

extension CreateAnswer {
    public var withoutReason: CreateAnswer {
        switch self {
        case .unknown(let doubt): .unknown(doubt.withoutReason)
        case .notSent(let reason, _): .notSent(reason: reason)
        case .made, .refused, .alreadyPaid, .alreadyClosed: self
        }
    }
}

extension QueryAnswer {
    public var withoutReason: QueryAnswer { doubt.map { .unknown($0.withoutReason) } ?? self }
}

extension CloseAnswer {
    public var withoutReason: CloseAnswer { doubt.map { .unknown($0.withoutReason) } ?? self }
}

extension RefundAnswer {
    public var withoutReason: RefundAnswer { doubt.map { .unknown($0.withoutReason) } ?? self }
}

extension RefundAnswer {
    /// The same answer without the time of its success, for tests that do not check it.
    public var withoutTime: RefundAnswer {
        if case .succeeded = self { .succeeded() } else { self }
    }
}
