public import PayCore

/// A fact that the difference of an order before and after a decision doesn't show.
public enum HistoryNote: Hashable, Sendable {
    /// The most characters of an answer that are stored: a provider's reason may have any length.
    public static let longestAnswer = 200
    /// The beginning of the answer of a call that was refused with a code that no table contains. It is stored, and the
    /// schema has an index of such answers.
    public static let unlistedRefusal = "unknown, unlisted refusal: "

    /// A pay call came, and no stored page was the answer.
    case asked(Channel, Terminal)
    /// The merchant requested the close of the order.
    case closeAsked
    /// A provider was called about a trade. `answer` is the outcome in our words, fit for a log.
    case called(ProviderOperation, TradeNumber, answer: String)
    /// A person decided about disputed money.
    case ruled(DisputeRuling, TransactionID, of: TradeNumber)
}
