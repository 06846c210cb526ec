import PayCore

/// What became of a press on the page's buttons, where it was not a page: told in the query of the page that follows,
/// as a word of this list and no other.
enum CheckoutNews: String, CaseIterable, Sendable {
    case refused, unavailable
    case tooOften = "toooften"
    case tooMany = "toomany"
    case unsafe, busy, unknown

    /// Nil where the order's own state says it all.
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
        // What only a first pay call or a key can be told.
        case .keyReused, .orderMismatch, .pageSuperseded: self = .unavailable
        }
    }

    /// Whether it is worth telling beside a live page: what was asked for was not done, and the page stayed.
    var standsBesideLivePage: Bool {
        switch self {
        case .unavailable, .tooOften, .tooMany, .unsafe: true
        case .refused, .busy, .unknown: false
        }
    }

    func text(_ texts: CheckoutTexts) -> String {
        switch self {
        case .refused: texts.refused
        case .unavailable: texts.unavailable
        case .tooOften: texts.tooOften
        case .tooMany: texts.tooMany
        case .unsafe: texts.unsafe
        case .busy: texts.busy
        case .unknown: texts.unknownStay
        }
    }
}

extension PayRefusal {
    /// How long it asks to wait; nil where waiting changes nothing.
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
