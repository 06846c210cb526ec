import PayCore

extension Pay {
    /// A call under a key that the same request has used up: the same outcome, if it still holds.
    func replay(_ request: PayRequest, of record: KeyRecord) async throws -> PayResult {
        guard let order = try await parts.reads.order(record.outcome.order) else {
            throw OrderVanished(number: record.outcome.order)
        }
        let now = parts.clock.now()
        if let refusal = request.refusal(for: OrderSummary(order)) ?? order.refusalToOpen(rules: parts.rules, at: now) {
            return .refused(refusal)
        }
        let tradeNumber: TradeNumber
        switch record.outcome {
        case .attempt(let number): tradeNumber = number
        // The buyer may have chosen a channel since: the order is repeated as it is now.
        case .order: return answer(order, to: request, madeOrder: record.madeOrder, isReplay: true, at: now)
        // The scope of a refund's key is the refund's path.
        case .refund: return .refused(.keyReused)
        }
        guard order.mayStillServe(tradeNumber) else { return .refused(.pageSuperseded) }
        if let wish = parts.wish(of: request, for: order), let served = order.livePage(for: wish, at: now) {
            return .served(
                PayAnswer(
                    order: OrderSummary(order), served: served, origin: .hit, madeOrder: record.madeOrder,
                    isReplay: true, key: request.key))
        }
        // The page of the same attempt has expired. It is made again, as by a repay, and the key refers to the new one.
        return try await ask(
            request.repeating(tradeNumber), after: PayLook(.order(order), key: record, paused: nil))
    }
}

extension Order {
    /// Whether a page may come from this attempt now. A replay must not lead back to an earlier attempt.
    func mayStillServe(_ tradeNumber: TradeNumber) -> Bool {
        if let liveAttempt { return liveAttempt.number == tradeNumber }
        return attempts.last?.number == tradeNumber
    }
}

extension PayRequest {
    /// The same call again, bound to its earlier attempt. It mints no live page again, and gets nothing once the
    /// attempt has given way to another.
    fileprivate func repeating(_ tradeNumber: TradeNumber) -> PayRequest {
        var same = PayRequest(
            number: number, userID: userID, draft: draft, channel: variant.channel, terminal: variant.terminal,
            openID: variant.openID,
            clientIP: clientIP, fresh: false, key: key)
        same.replayed = tradeNumber
        return same
    }
}
