/// What a receipt came to.
public indirect enum SettleAction: Hashable, Sendable {
    /// It was written down before.
    case alreadyRecorded
    /// The order is paid by it.
    case paid
    /// The order was paid already: it is given back.
    case duplicate(Refund)
    /// The order was over: it is given back.
    case late(Refund)
    /// All of it has gone back already: it pays nothing.
    case returned
    /// It is not what was asked for: a person decides.
    case disputed
    /// The order has no such attempt.
    case unknownTrade
    /// The provider had said that nothing came, when nothing could come any more: an alarm, beside what it came to.
    case afterLastWord(SettleAction)
}

extension Order {
    /// The one way for money to come in, from a notice, a query or a close. Idempotent by channel and transaction.
    ///
    /// The receipt is written down in every state of the order. A disputed one is judged again when the same payment
    /// is told of once more with particulars that fit: then it counts as if it came now.
    public mutating func settle(_ receipt: Receipt, at now: Instant) throws(IllegalTransition) -> SettleAction {
        let known = receipts.firstIndex { $0.receipt.names(receipt) }
        if let known, !receipts[known].mayBeJudgedAgain(by: receipt) { return .alreadyRecorded }
        guard let index = index(of: receipt.tradeNumber) else { return .unknownTrade }
        guard receipt.isFor(attempts[index]) else {
            guard known == nil else { return .alreadyRecorded }
            record(receipt, .disputed, over: nil, at: now)
            followDispute(of: index, at: now)
            return .disputed
        }
        let isAfterLastWord = attempts[index].state == .lapsed
        if attempts[index].state != .paid {
            try attempts[index].become(.paid, at: now)
        }
        let action = try count(receipt, of: index, over: known, at: now)
        return isAfterLastWord ? .afterLastWord(action) : action
    }

    /// Whether a trade was paid and all of its money has gone back, so that the order, still new, may go on: otherwise the
    /// order would be paid, too.
    func hasGoneBack(_ tradeNumber: TradeNumber) -> Bool {
        state == .new && attempt(tradeNumber)?.state == .paid
    }

    /// Whether the provider has told us another name for that trade than this: then it speaks of a trade of somebody
    /// else's, who gives the same numbers.
    public func knows(_ tradeNumber: TradeNumber, byAnotherNameThan name: ProviderReference) -> Bool {
        attempt(tradeNumber)?.reference.map { $0 != name } ?? false
    }

    /// The order's state now counts, not the provider's clock. Money that has gone back counts nowhere: a refund
    /// of it would be the second.
    private mutating func count(
        _ receipt: Receipt, of index: Int, over known: Int?, at now: Instant
    ) throws(IllegalTransition) -> SettleAction {
        if receipt.isReturned {
            record(receipt, .returned, over: known, at: now)
            tell(.paymentReturned, receipt, at: now)
            return .returned
        }
        switch state {
        case .new:
            record(receipt, .honest, over: known, at: now)
            try leaveNew(for: .paid(by: receipt.tradeNumber, at: now))
            try closeSiblings(at: now)
            tell(.orderPaid, receipt, at: now)
            return .paid
        case .paid:
            record(receipt, .duplicate, over: known, at: now)
            tell(.paymentDuplicate, receipt, at: now)
            return .duplicate(refund(receipt, asAskedBy: attempts[index], at: now))
        case .closed, .expired:
            record(receipt, .late, over: known, at: now)
            tell(.paymentLate, receipt, at: now)
            return .late(refund(receipt, asAskedBy: attempts[index], at: now))
        }
    }

    /// A receipt that was there keeps its place and the time at which it was first written down.
    private mutating func record(_ receipt: Receipt, _ standing: ReceiptStanding, over known: Int?, at now: Instant) {
        guard let known else {
            return receipts.append(RecordedReceipt(receipt: receipt, standing: standing, recordedAt: now))
        }
        receipts[known] = RecordedReceipt(
            receipt: receipt, standing: standing, recordedAt: receipts[known].recordedAt)
    }

    private mutating func tell(_ kind: OrderEvent.Kind, _ receipt: Receipt, at now: Instant) {
        newEvents.append(
            OrderEvent(
                kind: kind, tradeNumber: receipt.tradeNumber, transactionID: receipt.transactionID, at: now))
    }

    /// The number counts the receipts of the trade up to this one, which may have come before others that are refunded.
    private mutating func refund(_ receipt: Receipt, asAskedBy attempt: Attempt, at now: Instant) -> Refund {
        let upToThis = receipts.prefix { !$0.receipt.names(receipt) }
        let ordinal = upToThis.count { $0.receipt.tradeNumber == receipt.tradeNumber } + 1
        let refund = Refund(
            number: "\(receipt.tradeNumber)_r\(ordinal)", tradeNumber: receipt.tradeNumber,
            transactionID: receipt.transactionID, money: attempt.request.money, state: .pending, createdAt: now,
            askAt: now)
        refunds.append(refund)
        return refund
    }

    /// The order is paid: whatever else may take money is closed at its provider at once, a live attempt by lease
    /// recovery, one that was exposed by whoever watches it.
    private mutating func closeSiblings(at now: Instant) throws(IllegalTransition) {
        for index in attempts.indices where attempts[index].state.name == .exposed {
            attempts[index].ask(at: now)
        }
        guard let liveIndex else { return }
        switch attempts[liveIndex].state {
        case .closing(var closing):
            closing.recoverAt = now
            attempts[liveIndex].note(.closing(closing))
        case .creating, .open, .exposed, .closed, .failed, .lapsed, .paid:
            try attempts[liveIndex].become(.closing(Closing(recoverAt: now, closeUnansweredAt: nil)), at: now)
        }
    }
}
