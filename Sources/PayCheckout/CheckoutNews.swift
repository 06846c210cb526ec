import PayCore

/// The result of a press on a button that did not lead to a page. The query of the next page carries it, as one of
/// these words.
enum CheckoutNews: String, CaseIterable, Sendable {
    case refused, unavailable
    case tooOften = "toooften"
    case tooMany = "toomany"
    case unsafe, busy, unknown

    /// Nil if the order's own state is sufficient.
    init?(_ refusal: PayRefusal) {
        switch refusal {
        case .orderNotNew, .tooLate, .noSuchOrder: return nil
        case .providerRefused: self = .refused
        case .channelUnavailable, .unacceptable, .providerUnavailable: self = .unavailable
        case .tooOften: self = .tooOften
        case .tooManyAttempts: self = .tooMany
        case .switchUnsafe: self = .unsafe
        case .inProgress: self = .busy
        case .providerUnknown: self = .unknown
        // These refusals occur only for a first pay call or a call with an idempotency key.
        case .keyReused, .orderMismatch, .pageSuperseded: self = .unavailable
        }
    }

    /// Whether it is shown beside a live page: the request was not fulfilled, and the earlier page stays valid.
    var standsBesideLivePage: Bool {
        switch self {
        case .unavailable, .tooOften, .tooMany, .unsafe: true
        case .refused, .busy, .unknown: false
        }
    }
}

extension PayRefusal {
    /// The time to wait before another try. Nil if waiting does not help.
    package var retryAfter: Duration? {
        switch self {
        case .tooOften(let pause), .inProgress(let pause), .providerUnavailable(let pause),
            .providerUnknown(let pause):
            pause
        case .keyReused, .noSuchOrder, .orderMismatch, .orderNotNew, .tooLate, .pageSuperseded, .channelUnavailable,
            .unacceptable, .switchUnsafe, .tooManyAttempts, .providerRefused:
            nil
        }
    }
}
