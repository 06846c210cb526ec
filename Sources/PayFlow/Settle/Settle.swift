public import PayCore

/// Settles a provider's notice. The notice is verified first, then stored, and only then acknowledged.
public struct Settle: Sendable {
    private let parts: FlowParts

    public init(_ flows: Flows) {
        parts = flows.parts
    }

    /// The reply that the channel's provider expects; nil if the channel is not configured.
    public func callAsFunction(_ raw: RawNotice, from channel: Channel) async -> NoticeReply? {
        guard let provider = parts.providers[channel] else { return nil }
        let notice: ProviderNotice
        do {
            notice = try provider.verify(raw, at: parts.clock.now())
        } catch {
            parts.observer.saw(.noticeRefused(channel, error))
            return provider.reply(to: .refused(error))
        }
        do {
            let outcome = try await store(notice, raw, from: channel)
            parts.observer.saw(.notice(channel, outcome))
            return provider.reply(to: .stored)
        } catch let unconfirmed as ForeignRefundUnconfirmed {
            parts.observer.saw(.noticeNotConfirmed(channel, why: unconfirmed.description))
            return provider.reply(to: .notStored)
        } catch {
            parts.observer.saw(.noticeNotStored(channel, why: String(describing: error)))
            var reply = provider.reply(to: .notStored)
            if error is LedgerUnavailable { reply.retryAfter = LedgerUnavailable.retryAfter }
            return reply
        }
    }

    private func store(
        _ notice: ProviderNotice, _ raw: RawNotice, from channel: Channel
    ) async throws -> NoticeOutcome {
        let refund = RefundNews(parts: parts, channel: channel, notice: notice)
        var tradeNumber = notice.tradeNumber
        if case .refund(let number, let answer) = notice.content {
            let trade = try await refund.hear(answer, of: number)
            if tradeNumber.isEmpty, let trade { tradeNumber = trade.text }
        }
        let clock = parts.clock
        let stored = StoredNotice(
            channel: channel, id: notice.id, tradeNumber: tradeNumber, body: String(decoding: raw.body, as: UTF8.self))
        let action = try await parts.decisions.record(stored, at: clock.now()) { order in
            try order.hear(notice, at: clock.now())
        }
        switch notice.content {
        case .payment(let receipt):
            parts.observer.saw(action.observations(channel, receipt.tradeNumber))
            return NoticeOutcome(action.outcome)
        case .refundedPayment(let receipt, let number):
            parts.observer.saw(action.observations(channel, receipt.tradeNumber))
            // The payment must be stored first: a refund of an unknown payment is not taken in. The provider sends a
            // notice again that was not acknowledged, and a repeat changes nothing.
            try await refund.hear(.submitted, of: number)
            return NoticeOutcome(action.outcome)
        case .foreignPayment:
            parts.observer.saw(.needsPerson(channel, trade: notice.tradeNumber))
            return .orphan
        case .refund:
            guard action == .unknownTrade else { return .settled }
            // Other applications may refund at the same account.
            return notice.tradeNumber.isEmpty ? .ignored : .orphan
        case .other:
            return .ignored
        }
    }
}

extension Order {
    /// Applies a notice about one of the order's trades. Money is settled; any other notice causes a query of that
    /// trade at once.
    fileprivate mutating func hear(
        _ notice: ProviderNotice, at now: Instant
    ) throws(IllegalTransition) -> SettleAction {
        switch notice.content {
        case .payment(let receipt), .refundedPayment(let receipt, refund: _):
            if isAboutAnother(notice, receipt.tradeNumber) { return .unknownTrade }
            return try settle(receipt, at: now)
        case .other:
            guard let trade = TradeNumber(notice.tradeNumber) else { break }
            if isAboutAnother(notice, trade) { return .unknownTrade }
            hearOfChange(of: trade, at: now)
        case .refund:
            // The notice names a payment, not a trade: a query tells whether it is ours.
            if let trade = TradeNumber(notice.tradeNumber) { hearOfChange(of: trade, at: now) }
        case .foreignPayment:
            break
        }
        return .alreadyRecorded
    }

    private func isAboutAnother(_ notice: ProviderNotice, _ trade: TradeNumber) -> Bool {
        notice.about.map { knows(trade, byAnotherNameThan: $0) } ?? false
    }
}

extension NoticeOutcome {
    fileprivate init(_ outcome: SettleOutcome) {
        switch outcome {
        case .paid, .duplicate, .late, .returned: self = .settled
        case .repeated: self = .repeated
        case .disputed: self = .disputed
        case .orphan: self = .orphan
        }
    }
}
