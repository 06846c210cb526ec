/// The outcome of a receipt.
public indirect enum SettleAction: Hashable, Sendable {
    /// It was stored before.
    case alreadyRecorded
    /// It pays the order.
    case paid
    /// The order was already paid: the money is refunded.
    case duplicate(Refund)
    /// The order was closed or expired: the money is refunded.
    case late(Refund)
    /// All of the money was already returned: it pays nothing.
    case returned
    /// It does not match the attempt: it needs a manual decision.
    case disputed
    /// The order has no such attempt at the channel that reported the money.
    case unknownTrade
    /// The provider had reported no money when no more money could arrive: an alarm, in addition to the outcome.
    case afterLastWord(SettleAction)
}

extension Order {
    /// The only way for money to enter, from a notice, a query or a close. Idempotent by channel and transaction.
    ///
    /// The receipt is stored in every state of the order. A disputed receipt is judged again when the same payment is
    /// reported with matching particulars, as if it arrived now.
    ///
    /// An attempt that a restore of the database lost is taken in with its money.
    ///
    /// Money that another channel reports than the attempt's is not the attempt's: it is another party's trade with the
    /// same number, or two channels share one account. The attempt is then queried at its own channel at once.
    public mutating func settle(_ receipt: Receipt, at now: Instant) throws(IllegalTransition) -> SettleAction {
        let known = receipts.firstIndex { $0.receipt.names(receipt) }
        if let known, !receipts[known].mayBeJudgedAgain(by: receipt) { return .alreadyRecorded }
        guard let index = index(of: receipt.tradeNumber) ?? takeInLostAttempt(of: receipt) else {
            return .unknownTrade
        }
        guard receipt.channel == attempts[index].channel else {
            hearOfChange(of: receipt.tradeNumber, at: now)
            return .unknownTrade
        }
        let receipt = receipt.compared(with: attempts[index].request)
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
        let action = try count(receipt, attempts[index].request.money, over: known, at: now)
        return isAfterLastWord ? .afterLastWord(action) : action
    }

    /// Whether a trade was paid and all of its money was returned, so that the order, still new, may continue.
    func hasGoneBack(_ tradeNumber: TradeNumber) -> Bool {
        state == .new && attempt(tradeNumber)?.state == .paid
    }

    /// Whether the provider has returned another name for that trade before. Then it reports a trade of another party
    /// that uses the same numbers.
    public func knows(_ tradeNumber: TradeNumber, byAnotherNameThan name: ProviderReference) -> Bool {
        attempt(tradeNumber)?.reference.map { $0 != name } ?? false
    }

    /// The order's current state decides, not the provider's clock. Returned money never counts: a refund of it would
    /// be a second refund. Of money that went back in part, the rest is refunded.
    mutating func count(
        _ receipt: Receipt, _ money: Money, over known: Int?, byRuling: Bool = false, at now: Instant
    ) throws(IllegalTransition) -> SettleAction {
        let wentBack = wentBack(of: receipt)
        guard !receipt.isReturned, let rest = Money(amount: money.amount - wentBack, currency: money.currency) else {
            record(receipt.asReturned, .returned, over: known, byRuling: byRuling, at: now)
            return .returned
        }
        switch state {
        case .new:
            record(receipt, .paid, over: known, byRuling: byRuling, at: now)
            try leaveNew(for: .paid(by: receipt.tradeNumber, at: now))
            try closeSiblings(at: now)
            return .paid
        case .paid:
            record(receipt, .duplicate, over: known, byRuling: byRuling, at: now)
            return .duplicate(refund(receipt, rest, because: .duplicate, at: now))
        case .closed, .expired:
            record(receipt, .late, over: known, byRuling: byRuling, at: now)
            return .late(refund(receipt, rest, because: .late, at: now))
        }
    }

    /// Stores the receipt, and the event that the outcome has. A repeated receipt keeps its place and the time when it was
    /// first stored.
    private mutating func record(
        _ receipt: Receipt, _ outcome: SettleOutcome, over known: Int?, byRuling: Bool = false, at now: Instant
    ) {
        guard let standing = outcome.standing else { return }
        let recordedAt = known.map { receipts[$0].recordedAt } ?? now
        let recorded = RecordedReceipt(
            receipt: receipt, standing: standing, recordedAt: recordedAt, wasRuledOn: byRuling)
        if let known { receipts[known] = recorded } else { receipts.append(recorded) }
        guard let kind = outcome.event else { return }
        newEvents.append(
            OrderEvent(
                kind: kind, tradeNumber: receipt.tradeNumber, transactionID: receipt.transactionID, at: now))
    }

    /// The number counts the trade's receipts up to this one. Earlier receipts may have been refunded before.
    mutating func refund(_ receipt: Receipt, _ money: Money, because cause: RefundCause, at now: Instant) -> Refund {
        let upToThis = receipts.prefix { !$0.receipt.names(receipt) }
        let ordinal = upToThis.count { $0.receipt.tradeNumber == receipt.tradeNumber } + 1
        let number = "\(receipt.tradeNumber)_r\(ordinal)"
        let refund = Refund(
            number: refundIndex(number) == nil ? number : freeNumber("r", of: receipt.tradeNumber),
            tradeNumber: receipt.tradeNumber,
            transactionID: receipt.transactionID, money: money, cause: cause, state: .pending, createdAt: now,
            askAt: now)
        refunds.append(refund)
        return refund
    }

    /// The order is paid: every other attempt that may take money is closed at its provider at once. Lease recovery
    /// closes a live attempt, watching an exposed one.
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
