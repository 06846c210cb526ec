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
            return "\(recorded.receipt.transactionID) is still disputed"
        }
        for refund in order.refunds where refund.state.isUnderWay || refund.askAt != nil {
            return "refund \(refund.number) is \(refund.state)"
        }
        for name in Receiver.names {
            let taken = watch.delivered[Watch.Line(order: order.number, endpoint: name), default: 0]
            let left = (watch.events[order.number] ?? []).count - taken
            if left > 0 { return "\(left) messages of \(order.number) were not taken by \(name)" }
        }
        return nil
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
        for trade in trades(of: order) {
            guard let payment = trade.payment else { continue }
            let recorded = order.receipts.filter {
                $0.receipt.channel == payment.channel && $0.receipt.transactionID == payment.transactionID
            }
            guard let receipt = recorded.first, recorded.count == 1 else {
                fail(.everyReceipt, "\(payment.transactionID) is recorded \(recorded.count) times")
                continue
            }
            let kept = trade.kept(at: now)
            // Staff may give back money of an honest payment: that is the shop's to know.
            let inConsole = trade.refunds.reduce(0) { $0 + ($1.isMadeInConsole ? $1.amount : 0) }
            let due = receipt.standing == .honest ? payment.amount - order.succeeded(of: payment) - inConsole : 0
            if kept != due {
                fail(.moneyAddsUp, "\(payment.transactionID) is \(receipt.standing): \(kept) is kept, \(due) is due")
            }
        }
    }

    private func checkRefunds(of order: Order) {
        let trades = trades(of: order)
        for refund in order.refunds where refund.cause.isOurs {
            let there = trades.flatMap(\.refunds).filter { given in
                OwnRefundNumber(given.number)?.number == refund.number && given.standing(at: now) == .arrived
            }
            let isThere = there.count == 1 && there[0].number == refund.providerNumber
            let isRight = isThere && there[0].amount == refund.money.amount && refund.state == .succeeded
            if !isRight, !there.isEmpty || refund.state != .failed {
                fail(.everyRefund, "\(refund.providerNumber) is \(refund.state), and there: \(there)")
            }
        }
        for given in trades.flatMap(\.refunds) where !given.isMadeInConsole {
            if !order.refunds.contains(where: { OwnRefundNumber(given.number)?.number == $0.number }) {
                fail(.everyRefund, "a provider gave \(given.amount) back under \(given.number), which is not ours")
            }
        }
    }

    private func checkDeliveries(of order: Order) {
        let due = (watch.events[order.number] ?? []).map(\.kind.rawValue)
        for name in Receiver.names {
            let taken = (receivers[name]?.taken[order.number] ?? []).map(\.event.kind)
                .filter { $0 != .reconciliationDifference }.map(\.rawValue)
            if due != taken { fail(.everyDelivery, "\(order.number): of \(due) \(name) knows \(taken)") }
        }
    }
}

extension Order {
    /// The sum that has gone back of a payment by refunds that the service made.
    fileprivate func succeeded(of payment: Receipt) -> Int64 {
        refunds(of: payment).reduce(0) { $0 + ($1.cause.isOurs && $1.state == .succeeded ? $1.money.amount : 0) }
    }
}
