import PayCore

extension PayRequest {
    /// The claim on the key by work that begins with this step. A call that repeats an answered one has its key
    /// already.
    func claim(_ step: OpeningStep, _ order: Order) -> KeyClaim? {
        guard replayed == nil, let key, let right = step.right,
            let trade = step.tradeNumber ?? order.attempts.last?.number
        else { return nil }
        return KeyClaim(use: key, tradeNumber: trade, fence: right.fence)
    }
}

extension KeyUse {
    /// The record of a key that a page uses up; nil without a page.
    func record(
        _ finished: FinishedOpening, _ order: Order, _ madeOrder: Bool, at now: Instant
    ) -> KeyRecord? {
        guard case .serve(let served) = finished else { return nil }
        return record(served, order, madeOrder, at: now)
    }

    func record(
        _ step: OpeningStep, _ order: Order, _ madeOrder: Bool, at now: Instant
    ) -> KeyRecord? {
        guard case .serve(let served) = step else { return nil }
        return record(served, order, madeOrder, at: now)
    }

    func record(_ served: ServedPage, _ order: Order, _ madeOrder: Bool, at now: Instant) -> KeyRecord? {
        guard let attempt = order.attempt(served.tradeNumber) else { return nil }
        return KeyRecord(
            use: self, outcome: .attempt(served.tradeNumber), madeOrder: madeOrder,
            expiresAt: max(now + KeyRecord.shortestLife, attempt.request.providerDeadline))
    }
}
