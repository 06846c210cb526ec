import PayCore

extension Watch {
    func checkReceipts(_ order: Order, _ before: Order?) {
        for earlier in before?.receipts ?? [] where earlier.standing != .disputed {
            if !order.receipts.contains(earlier) {
                world.fail(.decidedOnce, "\(earlier.receipt.transactionID) was \(earlier.standing), and changed")
            }
        }
        for recorded in order.receipts where before?.receipts.contains(recorded) != true {
            let receipt = recorded.receipt
            let wentBack = world.books(receipt.channel).trades[receipt.tradeNumber]?.wentBackUnseen ?? false
            guard recorded.standing != .disputed, wentBack != (recorded.standing == .returned) else { continue }
            world.fail(.returnedIsReturned, "\(receipt.transactionID) is \(recorded.standing), went back: \(wentBack)")
        }
    }

    func checkRefunds(_ order: Order, _ before: Order?) {
        guard order.refunds != before?.refunds || order.receipts != before?.receipts else { return }
        for recorded in order.receipts { checkRefunds(of: recorded, order, before) }
        for (index, refund) in order.refunds.enumerated() {
            let earlier = before.flatMap { index < $0.refunds.count ? $0.refunds[index] : nil }
            guard earlier != refund else { continue }
            checkParticulars(refund, earlier)
            if earlier?.state != refund.state { checkNews(refund, of: order) }
            if earlier?.requestedAt != refund.requestedAt { checkPace(refund, of: order) }
        }
        if let before, order.refunds.count < before.refunds.count {
            world.fail(.refundKeepsItsNumber, "\(order.number) lost a refund")
        }
    }

    /// The sum of the refunds, and the one refund of money that should not have come.
    private func checkRefunds(of recorded: RecordedReceipt, _ order: Order, _ before: Order?) {
        let receipt = recorded.receipt
        let refunds = order.refunds(of: receipt)
        let sum = refunds.reduce(0) { $0 + ($1.state == .failed ? 0 : $1.money.amount) }
        // Money that went back in the console is written down in any case.
        let isOurDoing = refunds.contains { refund in
            let earlier = before?.refunds.first { $0.number == refund.number }
            return refund.cause.isOurs && refund.state == .pending && earlier?.state != .pending
        }
        if isOurDoing, sum > receipt.amount {
            world.fail(.neverTooMuch, "\(sum) of \(receipt.amount) of \(receipt.transactionID) would go back")
        }
        let byItself = refunds.filter { [.duplicate, .late, .dispute].contains($0.cause) }
        let isInFull = byItself.allSatisfy { $0.money.amount == receipt.amount }
        if byItself.count != (recorded.standing.isGivenBack ? 1 : 0) || !isInFull {
            world.fail(
                .oneRefundPerReceipt, "\(receipt.transactionID), \(recorded.standing): \(byItself.map(\.number))")
        }
    }

    private func checkParticulars(_ refund: Refund, _ earlier: Refund?) {
        guard let earlier else { return }
        let isSame =
            refund.number == earlier.number && refund.merchantNumber == earlier.merchantNumber
            && refund.money == earlier.money && refund.transactionID == earlier.transactionID
            && refund.cause == earlier.cause
        let isRenewed = refund.renewals != earlier.renewals
        let mayRenew = refund.renewals == earlier.renewals + 1 && earlier.isNumberUsedUp && earlier.state == .failed
        if !isSame || isRenewed && !mayRenew {
            world.fail(.refundKeepsItsNumber, "\(earlier.providerNumber) became \(refund.providerNumber)")
        }
    }

    /// Whether the commit tells the merchant of the end of a refund, or of its need for a person.
    private func checkNews(_ refund: Refund, of order: Order) {
        let kind: OrderEvent.Kind
        switch refund.state {
        case .succeeded: kind = .refundSucceeded
        case .failed: kind = .refundFailed
        case .needsAttention: kind = .refundNeedsAttention
        case .pending, .submitted: return
        }
        let told = order.newEvents.count { $0.kind == kind && $0.refundNumber == refund.number }
        if told != 1 { world.fail(.refundEndIsTold, "\(refund.number) is \(refund.state), told \(told) times") }
        guard refund.state == .needsAttention else { return }
        let refused = order.channel(of: refund).flatMap { world.books($0).refusedRefunds[refund.providerNumber] }
        let isLong = (refund.refusedTries?.since).map { world.now - $0 >= .seconds(3_600) } ?? false
        if !(refused.map { $0.isBalance || $0.tries >= 5 || isLong } ?? false) {
            world.fail(.attentionIsEarned, "\(refund.number), refused \(refused?.tries ?? 0) times")
        }
    }

    private func checkPace(_ refund: Refund, of order: Order) {
        guard let requestedAt = refund.requestedAt, let channel = order.channel(of: refund) else { return }
        let terms = world.books(channel).style.terms.refunds
        let others = order.refunds.filter { $0.tradeNumber == refund.tradeNumber && $0.number != refund.number }
        if let last = others.compactMap(\.requestedAt).max(), requestedAt - last < terms.pause {
            world.fail(.refundsArePaced, "\(refund.number) follows another after \(requestedAt - last)")
        }
        let made = others.filter { $0.cause == .merchant && $0.createdAt <= refund.createdAt }.count + 1
        if let most = terms.mostPerTrade, refund.cause == .merchant, made > most {
            world.fail(.refundsArePaced, "\(refund.number) is one more than \(most)")
        }
    }

    /// A request for a refund that its provider does not know yet.
    func landing(_ request: RefundRequest, at books: Books) {
        guard let trade = books.trades[request.tradeNumber], !trade.wasRefundedInConsole else { return }
        if trade.kept(at: world.now) < request.money.amount {
            world.fail(.neverTooMuch, "\(request.number) asks for \(request.money) of \(trade.kept(at: world.now))")
        }
    }
}

extension ReceiptStanding {
    /// Whether Paypage gives the money back by itself, or by a person's decision.
    var isGivenBack: Bool {
        switch self {
        case .duplicate, .late, .rejected: true
        case .honest, .returned, .disputed: false
        }
    }
}

extension Order {
    func refunds(of receipt: Receipt) -> [Refund] {
        refunds.filter { $0.tradeNumber == receipt.tradeNumber && $0.transactionID == receipt.transactionID }
    }
}
