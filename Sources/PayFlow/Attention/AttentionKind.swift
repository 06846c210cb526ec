/// A kind of thing that waits for a person.
public enum AttentionKind: String, CaseIterable, Sendable {
    /// Money that does not match its attempt.
    case dispute
    /// A refund that the provider refused for good.
    case refundFailed = "refund_failed"
    /// A refund that the provider keeps refusing, or that waits for the merchant's balance.
    case refundNeedsAttention = "refund_needs_attention"
    /// A difference between a provider's bill and the books.
    case difference
    /// The circuit of a channel: its provider does not answer.
    case circuitOpen = "circuit_open"
    /// An attempt that may take money, refused by the provider with a code that no table contains.
    case unknownRefusal = "unknown_refusal"
    /// A message to the merchant that is not sent any more.
    case webhookParked = "webhook_parked"
    /// A provider's certificate that is about to end, without a successor.
    case certificateEnds = "certificate_ends"
    /// The last copy of the database failed, or is too old.
    case backupMissing = "backup_missing"
    /// A channel that an operator paused.
    case channelPaused = "channel_paused"
    /// The disk of the database: when it is full, no payment can be stored.
    case diskNearlyFull = "disk_nearly_full"

    public var severity: AttentionSeverity {
        switch self {
        case .dispute, .refundFailed, .refundNeedsAttention, .difference, .circuitOpen, .diskNearlyFull: .critical
        case .unknownRefusal, .webhookParked, .certificateEnds, .backupMissing: .warning
        case .channelPaused: .info
        }
    }
}

/// How soon a thing needs a person. The order of the cases is the order of a list.
public enum AttentionSeverity: String, CaseIterable, Comparable, Sendable {
    /// Money waits, or buyers can't pay.
    case critical
    /// Nothing is lost yet.
    case warning
    /// An operator decided it, and may have forgotten it.
    case info

    public static func < (left: AttentionSeverity, right: AttentionSeverity) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .critical: 0
        case .warning: 1
        case .info: 2
        }
    }
}
