public import PayCore

/// The reason why a provider's answer was no help, for the refused caller.
public struct ProviderWord: Hashable, Sendable {
    /// The reason why the outcome is unknown; nil if the provider refused.
    public let reason: UnknownReason?
    /// The provider's own code, if it gave one.
    public let code: String?
}

/// The provider's last answers during one piece of work.
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

    /// The explanation of a refusal; nil if the provider did not cause it.
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
