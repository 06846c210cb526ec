/// The behaviour of a repay while a page is live.
public enum RepayMode: String, CaseIterable, Sendable {
    /// Returns the stored page; the provider is not called.
    case cached
    /// Sends the stored request again, and returns the provider's answer.
    case provider
}

/// Whether a new attempt may follow one that could not be proven closed.
public enum SwitchPolicy: String, CaseIterable, Sendable {
    /// It may: money that arrives twice is refunded.
    case allow
    /// It may not: the buyer stays with the old page.
    case strict
}
