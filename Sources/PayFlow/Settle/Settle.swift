public import PayCore

/// Money that a provider's notice tells of. Verified first, written down next, and only then answered.
public struct Settle: Sendable {
    private let parts: FlowParts

    public init(_ stories: Stories) {
        parts = stories.parts
    }

    /// The reply that the channel's provider expects; nil when no such channel is configured. Throws when the notice
    /// could not be stored: the sender must send it again.
    public func callAsFunction(_ raw: RawNotice, from channel: Channel) async throws -> NoticeReply? {
        guard let provider = parts.providers[channel] else { return nil }
        let notice: ProviderNotice
        do {
            notice = try provider.verify(raw, at: parts.clock.now())
        } catch {
            parts.witness.saw(.notice(channel, .refused))
            return provider.reply(to: .refused(error))
        }
        let outcome = try await store(notice, raw, from: channel)
        parts.witness.saw(.notice(channel, outcome))
        return provider.reply(to: .stored)
    }

    private func store(
        _ notice: ProviderNotice, _ raw: RawNotice, from channel: Channel
    ) async throws -> NoticeOutcome {
        let now = parts.clock.now()
        let stored = StoredNotice(
            channel: channel, id: notice.id, tradeNumber: notice.tradeNumber,
            body: String(decoding: raw.body, as: UTF8.self))
        let action = try await parts.ledger.record(stored, at: now) { order in
            guard case .payment(let receipt) = notice.content else { return .alreadyRecorded }
            return try order.settle(receipt, at: now)
        }
        guard case .payment(let receipt) = notice.content else {
            if case .foreignPayment = notice.content { return .orphan }
            return .ignored
        }
        parts.witness.saw(action.observations(channel, receipt.tradeNumber))
        return action.noticeOutcome
    }
}

extension SettleAction {
    fileprivate var noticeOutcome: NoticeOutcome {
        switch self {
        case .paid, .duplicate, .late: .settled
        case .alreadyRecorded: .repeated
        case .disputed: .disputed
        case .unknownTrade: .orphan
        }
    }
}
