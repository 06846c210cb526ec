import PayCore

/// A notice about a refund. It is applied before the notice itself is stored: after a crash in between, the provider
/// sends the notice again.
struct RefundNews: Sendable {
    let parts: FlowParts
    let channel: Channel
    let notice: ProviderNotice

    /// The trade of the refund; nil if the refund is none of ours.
    @discardableResult
    func hear(_ answer: RefundAnswer, of number: String) async throws -> TradeNumber? {
        guard let order = try await order() else { return nil }
        if let known = order.refund(providerNumber: number) {
            try await apply(answer, of: number, to: order.number)
            return known.tradeNumber
        }
        return try await takeIn(number, answer, order)
    }

    /// A provider that does not name the trade names the payment.
    private func order() async throws -> Order? {
        if let trade = TradeNumber(notice.tradeNumber) { return try await parts.reads.order(trade.order) }
        guard let payment = notice.about.flatMap({ TransactionID($0.text) }),
            let number = try await parts.reads.orderOfPayment(payment, at: channel)
        else { return nil }
        return try await parts.reads.order(number)
    }

    private func apply(_ answer: RefundAnswer, of number: String, to order: OrderNumber) async throws {
        let (channel, payment) = (channel, notice.about)
        let (outcome, trade) = try await parts.decide(on: order) { order, now in
            let outcome = order.hearOfRefund(number, answer, of: payment, from: channel, at: now)
            return Decision((outcome, order.trade(ofRefund: number)))
        }
        if let trade { parts.observer.saw(outcome.observations(channel, trade)) }
    }

    /// A refund that was made in the provider's console. The notice is not believed: the provider is queried, and a
    /// notice that could not be confirmed is sent again.
    private func takeIn(_ number: String, _ answer: RefundAnswer, _ order: Order) async throws -> TradeNumber? {
        guard let receipt = try await payment(in: order), let attempt = order.attempt(receipt.tradeNumber)
        else { return nil }
        let outcome = try await TakeInRefund(parts: parts).run(number, of: attempt, payment: receipt.transactionID)
        // A query may be too early: Alipay shows a refund only after some seconds.
        if outcome == nil, answer.movesMoney {
            throw ForeignRefundUnconfirmed.notShownYet
        }
        return receipt.tradeNumber
    }

    /// The refunded payment. Its own notice may still be outstanding: the trade is then queried, and its money settled.
    private func payment(in order: Order) async throws -> Receipt? {
        if let known = receipt(in: order) { return known }
        guard let trade = TradeNumber(notice.tradeNumber), let attempt = order.attempt(trade),
            attempt.channel == channel, !order.receipts.contains(where: { $0.receipt.tradeNumber == trade })
        else { return nil }
        if let doubt = try await SettleByQuery(parts: parts).run(attempt) {
            throw ForeignRefundUnconfirmed(doubt)
        }
        return try await parts.reads.order(order.number).flatMap(receipt(in:))
    }

    private func receipt(in order: Order) -> Receipt? {
        let ofChannel = order.receipts.map(\.receipt).filter { $0.channel == channel }
        if let payment = notice.about, let named = ofChannel.first(where: { $0.transactionID.text == payment.text }) {
            return named
        }
        guard let trade = TradeNumber(notice.tradeNumber) else { return nil }
        let ofTrade = ofChannel.filter { $0.tradeNumber == trade }
        return ofTrade.count == 1 ? ofTrade[0] : nil
    }
}

extension Order {
    /// The trade of a refund, by any of its numbers at the provider.
    fileprivate func trade(ofRefund number: String) -> TradeNumber? {
        refund(providerNumber: number)?.tradeNumber
    }
}

extension RefundAnswer {
    fileprivate var movesMoney: Bool {
        switch self {
        case .succeeded, .submitted, .held: true
        case .refused, .closed, .noSuchRefund, .unknown: false
        }
    }
}
