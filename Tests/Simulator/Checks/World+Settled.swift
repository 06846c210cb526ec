import PayCore

extension World {
    /// The first thing that has not settled yet; nil once everything has.
    func settledProblem() -> String? {
        for number in watch.orders.keys {
            if let problem = watch.orders[number].flatMap(unsettled) { return problem }
        }
        return nil
    }

    private func unsettled(_ order: Order) -> String? {
        guard order.state != .new else { return "\(order.number) is still new" }
        for attempt in order.attempts where !attempt.isOver && attempt.state != .paid {
            return "\(attempt.number) is \(attempt.state.name)"
        }
        for recorded in order.receipts where recorded.standing == .disputed {
            return "\(recorded.receipt.transactionID) is still disputed, though the account is right by now"
        }
        for refund in order.refunds where refund.state.isUnderWay {
            return "refund \(refund.number) is \(refund.state)"
        }
        let left = (watch.events[order.number] ?? []).count - watch.delivered[order.number, default: 0]
        return left > 0 ? "\(left) messages of \(order.number) were not taken" : nil
    }

    /// The providers' books against ours, when everything has settled.
    func checkBooks() {
        for number in watch.orders.keys.sorted(by: { $0.text < $1.text }) {
            guard let order = watch.orders[number] else { continue }
            checkMoney(of: order)
            checkRefunds(of: order)
            checkDeliveries(of: order)
            switch order.state {
            case .new: break
            case .paid: tally[.paidOrders] += 1
            case .closed: tally[.closedOrders] += 1
            case .expired: tally[.expiredOrders] += 1
            }
        }
    }

    private func trades(of order: Order) -> [Trade] {
        books.flatMap { books in books.numbers.filter { $0.order == order.number }.compactMap { books.trades[$0] } }
    }

    private func checkMoney(of order: Order) {
        let trades = trades(of: order)
        let kept = trades.reduce(0) { $0 + $1.kept }
        // Staff may give back what an order was paid by: that is the shop's to know.
        let isGivenBack = trades.contains { $0.wasRefundedInConsole && $0.number == order.paidBy }
        let due = order.state.name == .paid && !isGivenBack ? order.money.amount : 0
        if kept != due {
            fail(.moneyAddsUp, "\(order.number) is \(order.state.name), of \(order.money.amount) we keep \(kept)")
        }
        for payment in trades.compactMap(\.payment) {
            let recorded = order.receipts.count {
                $0.receipt.channel == payment.channel && $0.receipt.transactionID == payment.transactionID
            }
            if recorded != 1 { fail(.everyReceipt, "\(payment.transactionID) is recorded \(recorded) times") }
        }
    }

    private func checkRefunds(of order: Order) {
        let atProviders = trades(of: order).flatMap(\.refunds)
        for refund in order.refunds {
            let there = atProviders.filter { $0.number == refund.number && $0.amount == refund.money.amount }
            if there.count != 1 || refund.state != .succeeded {
                fail(.everyRefund, "\(refund.number), \(refund.state), is at its provider \(there.count) times")
            }
        }
        let asked = atProviders.filter { !$0.number.hasPrefix(Trade.consolePrefix) }
        for given in asked where !order.refunds.contains(where: { $0.number == given.number }) {
            fail(.everyRefund, "a provider gave \(given.amount) back under \(given.number), which is not ours")
        }
    }

    private func checkDeliveries(of order: Order) {
        let due = (watch.events[order.number] ?? []).map(\.kind.rawValue)
        let taken = (receiver.taken[order.number] ?? []).map(\.event.kind.rawValue)
        if due != taken { fail(.everyDelivery, "\(order.number): of \(due) the merchant knows \(taken)") }
    }
}

extension Order {
    /// The trade that the order is paid by; nil when it isn't.
    fileprivate var paidBy: TradeNumber? {
        if case .paid(let trade, _) = state { trade } else { nil }
    }
}
