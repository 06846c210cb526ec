import PayCore

extension Pay {
    /// A call under a key that has been used up by the same request: the same outcome, as far as it still holds.
    func replay(_ request: PayRequest, of record: KeyRecord) async throws -> PayResult {
        guard let order = try await parts.ledger.order(record.tradeNumber.order) else {
            throw OrderVanished(number: record.tradeNumber.order)
        }
        let now = parts.clock.now()
        if let refusal = request.refusal(for: OrderSummary(order)) ?? order.refusalToOpen(rules: parts.rules, at: now) {
            return .refused(refusal)
        }
        guard order.mayStillServe(record.tradeNumber) else { return .refused(.pageSuperseded) }
        if let wish = parts.wish(of: request, for: order), let served = order.livePage(for: wish, at: now) {
            return .served(
                PayAnswer(
                    order: OrderSummary(order), served: served, origin: .hit, madeOrder: record.madeOrder,
                    isReplay: true, key: request.key))
        }
        // The page of the same attempt has expired: made anew, as by a repay, and the key follows it.
        return try await ask(request.repeating(record.tradeNumber))
    }
}

extension Order {
    /// Whether the attempt is the one that a page may come from now, so that a replay leads nobody back.
    func mayStillServe(_ tradeNumber: TradeNumber) -> Bool {
        if let liveAttempt { return liveAttempt.number == tradeNumber }
        return attempts.last?.number == tradeNumber
    }
}

extension PayRequest {
    /// The same call once more, which has come to this attempt. It makes a live page anew no more than the first time,
    /// and gets nothing once the attempt has given way to another.
    fileprivate func repeating(_ tradeNumber: TradeNumber) -> PayRequest {
        var same = PayRequest(
            number: number, userID: userID, draft: draft, channel: channel, terminal: terminal, openID: openID,
            clientIP: clientIP, fresh: false, key: key)
        same.replayed = tradeNumber
        return same
    }
}
