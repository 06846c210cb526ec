public import PayCore

/// The result of the merchant's request for a refund.
public enum RefundResult: Sendable {
    /// The refund is stored, and the clock carries it out. `isNews` is false for a known `refund_no`. `isReplay` is true
    /// for a repeated idempotency key.
    case stored(Refund, of: Order, isNews: Bool, isReplay: Bool)
    case noSuchOrder
    case refused(RefundRefusal)
    /// The channel that was paid by is not configured.
    case channelMissing(Channel)
    /// The idempotency key marks another request.
    case keyReused
}

/// Stores a refund that the merchant requests. No provider is called: the clock does that within a second.
public struct RequestRefund: Sendable {
    private let reads: any OrderReads
    private let decisions: any OrderDecisions
    private let clock: any PayClock
    /// The provider's limits of a configured channel; nil for any other channel.
    private let terms: @Sendable (Channel) -> RefundTerms?

    public init(_ flows: Flows) {
        let parts = flows.parts
        self.init(reads: parts.reads, decisions: parts.decisions, clock: parts.clock) {
            parts.providers[$0]?.terms.refunds
        }
    }

    /// For a process without providers.
    ///
    /// - Parameter terms: the provider's limits of a configured channel; nil for any other channel.
    public init(
        reads: any OrderReads, decisions: any OrderDecisions, clock: any PayClock,
        terms: @escaping @Sendable (Channel) -> RefundTerms?
    ) {
        self.reads = reads
        self.decisions = decisions
        self.clock = clock
        self.terms = terms
    }

    public func callAsFunction(
        _ wish: RefundWish, of number: OrderNumber, under key: KeyUse, by actor: Actor
    ) async throws -> RefundResult {
        if let replayed = try await replay(key) { return replayed }
        do {
            return try await decide(wish, number, key, actor)
        } catch let conflict as KeyConflict {
            // Another call has used the key up in the meantime.
            guard conflict.reason == .answered, let replayed = try await replay(key) else { return .keyReused }
            return replayed
        }
    }

    private func decide(
        _ wish: RefundWish, _ number: OrderNumber, _ key: KeyUse, _ actor: Actor
    ) async throws -> RefundResult {
        let (clock, terms) = (clock, terms)
        let result = try await decisions.update(number, creating: nil, at: clock.now()) { order in
            let now = clock.now()
            let (before, channel) = (order, order.payment?.receipt.channel)
            let limits = channel.flatMap(terms)
            switch order.requestRefund(wish, terms: limits ?? .unlimited, at: now) {
            case .made(let refund):
                if let channel, limits == nil {
                    order = before
                    return Decision(RefundResult.channelMissing(channel))
                }
                return Decision(
                    .stored(refund, of: order, isNews: true, isReplay: false),
                    usingUp: key.record(refund, isNews: true, at: now),
                    audit: AuditNote(
                        actor, .refundRequested, on: refund.providerNumber, of: number,
                        because: refund.reason.flatMap { RulingReason($0.text) }, detail: "\(refund.money)"))
            case .known(let refund):
                return Decision(
                    .stored(refund, of: order, isNews: false, isReplay: false),
                    usingUp: key.record(refund, isNews: false, at: now))
            case .refused(let refusal):
                return Decision(.refused(refusal))
            }
        }
        return result ?? .noSuchOrder
    }

    /// The refund that the key led to; nil if the key is free.
    private func replay(_ key: KeyUse) async throws -> RefundResult? {
        guard let record = try await reads.keyRecord(key.key, at: clock.now()) else { return nil }
        guard record.use == key, case .refund(let number, of: let trade) = record.outcome else { return .keyReused }
        guard let order = try await reads.order(trade.order),
            let refund = order.refunds.first(where: { $0.number == number })
        else { throw OrderVanished(number: trade.order) }
        return .stored(refund, of: order, isNews: record.madeOrder, isReplay: true)
    }
}

extension KeyUse {
    fileprivate func record(_ refund: Refund, isNews: Bool, at now: Instant) -> KeyRecord {
        KeyRecord(
            use: self, outcome: .refund(refund.number, of: refund.tradeNumber), madeOrder: isNews,
            expiresAt: now + KeyRecord.shortestLife)
    }
}
