public import PayCore

/// Why a provider's answer was no help, for the caller that is refused because of it.
public struct ProviderWord: Hashable, Sendable {
    /// Why the outcome is not known; nil where the provider refused.
    public let reason: UnknownReason?
    /// The provider's own code, where it gave one.
    public let code: String?
}

/// The provider's last words during one piece of work.
struct HeardWords: Sendable {
    /// The code of a refused create.
    private var refusal: String?
    private var doubt: Doubt?

    mutating func hear(_ answer: CreateAnswer) {
        doubt = answer.doubt
        if case .refused(let code) = answer { refusal = code }
    }

    mutating func hear(_ doubt: Doubt?) {
        self.doubt = doubt
    }

    /// The explanation of a refusal; nil when the provider did not cause it.
    func word(on refusal: PayRefusal) -> ProviderWord? {
        switch refusal {
        case .providerRefused: self.refusal.map { ProviderWord(reason: nil, code: $0) }
        case .providerUnknown, .providerUnavailable:
            doubt.map { ProviderWord(reason: $0.reason, code: $0.reason.error?.code) }
        case .keyReused, .noSuchOrder, .orderMismatch, .orderNotNew, .tooLate, .pageSuperseded, .channelUnavailable,
            .unacceptable, .tooOften, .inProgress, .switchUnsafe, .tooManyAttempts:
            nil
        }
    }
}
