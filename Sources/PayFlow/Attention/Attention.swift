public import PayCore

/// Everything that waits for a person at one moment.
public struct Attention: Hashable, Sendable {
    /// The most severe first, and of one severity the longest waiting first.
    public let items: [AttentionItem]
    /// The number of things of each kind, of which the list may have only some.
    public let counts: [AttentionKind: Int]

    public init(items: [AttentionItem], counts: [AttentionKind: Int]) {
        self.items = items.sorted { left, right in
            (left.kind.severity, left.since, left.kind.rawValue) < (
                right.kind.severity, right.since, right.kind.rawValue
            )
        }
        self.counts = counts
    }

    /// The number of things of this kind that the list leaves out.
    public func omitted(_ kind: AttentionKind) -> Int {
        max(0, (counts[kind] ?? 0) - items.count { $0.kind == kind })
    }
}

/// One thing that waits for a person.
public struct AttentionItem: Hashable, Sendable {
    public enum Matter: Hashable, Sendable {
        case dispute(Receipt)
        /// It failed, or needs attention.
        case refund(ListedRefund)
        case difference(RecordedDifference)
        case circuitOpen(Channel)
        /// `answer` is the provider's last answer in our words.
        case unknownRefusal(TradeNumber, Channel, answer: String)
        case webhookParked(DeliveryRecord)
        /// `name` tells the certificate from others of the channel.
        case certificateEnds(Channel, name: String, at: Instant)
        case backupMissing(reason: String)
        case channelPaused(Channel)
        /// `folder` is on a disk that is nearly full.
        case diskNearlyFull(folder: String)
    }

    public let matter: Matter
    /// When the thing began to wait, as far as is known.
    public let since: Instant

    public init(_ matter: Matter, since: Instant) {
        self.matter = matter
        self.since = since
    }

    public var kind: AttentionKind {
        switch matter {
        case .dispute: .dispute
        case .refund(let listed): listed.refund.state == .failed ? .refundFailed : .refundNeedsAttention
        case .difference: .difference
        case .circuitOpen: .circuitOpen
        case .unknownRefusal: .unknownRefusal
        case .webhookParked: .webhookParked
        case .certificateEnds: .certificateEnds
        case .backupMissing: .backupMissing
        case .channelPaused: .channelPaused
        case .diskNearlyFull: .diskNearlyFull
        }
    }
}
