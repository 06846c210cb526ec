public import PayCore

/// What an order's history tells that can't be seen by comparing the order before and after a decision.
public enum HistoryNote: Hashable, Sendable {
    /// An answer is told up to here: a provider's reason may be of any length.
    public static let longestAnswer = 200

    /// Somebody asked to pay, and no stored page was the answer.
    case asked(Channel, Terminal)
    /// The merchant asked for the order to be closed.
    case closeAsked
    /// A provider was called about a trade. `answer` is its word in ours, fit for a log.
    case called(ProviderOperation, TradeNumber, answer: String)
}
