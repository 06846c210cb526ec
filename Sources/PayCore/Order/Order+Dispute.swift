extension RecordedReceipt {
    /// Whether a new report of the same payment may change its standing: only while it is disputed, and for its own
    /// trade.
    func mayBeJudgedAgain(by news: Receipt) -> Bool {
        standing == .disputed && receipt.tradeNumber == news.tradeNumber
    }
}

/// The outcome of a person's decision about disputed money.
public enum RulingOutcome: Hashable, Sendable {
    /// The money was accepted, and counts as this says.
    case accepted(SettleAction)
    /// The money goes back.
    case refunded(Refund)
    case refused(RulingRefusal)
}

/// Why a decision about disputed money is refused.
public enum RulingRefusal: Hashable, Sendable {
    /// The order has no such receipt.
    case noSuchReceipt
    /// The receipt is not disputed, or not any more.
    case notDisputed(ReceiptStanding)
    /// The money would have to go back, and its amount or currency is not one that can be refunded here.
    case notRefundable
    /// The provider has returned all of the money.
    case alreadyReturned
}

extension Order {
    /// Decides a dispute by a person's word. Each receipt is decided once, so that it pays or is refunded once.
    ///
    /// Accepted money counts as if it arrived now: it pays the order, or is a duplicate or late. Rejected money goes back:
    /// all that the provider's console has not returned yet.
    public mutating func decideDispute(
        _ transactionID: TransactionID, of tradeNumber: TradeNumber, _ verdict: DisputeVerdict, at now: Instant
    ) throws(IllegalTransition) -> RulingOutcome {
        let found = receipts.firstIndex {
            $0.receipt.transactionID == transactionID && $0.receipt.tradeNumber == tradeNumber
        }
        guard let known = found, let index = index(of: tradeNumber) else { return .refused(.noSuchReceipt) }
        let disputed = receipts[known]
        guard disputed.standing == .disputed else { return .refused(.notDisputed(disputed.standing)) }
        let receipt = disputed.receipt
        switch verdict {
        case .accept:
            // A payment of a new order needs no refund, so that its amount may be any.
            guard let money = receipt.money ?? (state == .new ? self.money : nil) else {
                return .refused(.notRefundable)
            }
            if attempts[index].state != .paid { try attempts[index].become(.paid, at: now) }
            return .accepted(try count(receipt, money, over: known, byRuling: true, at: now))
        case .refund:
            guard let money = receipt.money else { return .refused(.notRefundable) }
            let left = refundable(of: receipt)
            guard !receipt.isReturned, let rest = Money(amount: left, currency: money.currency) else {
                return .refused(.alreadyReturned)
            }
            if attempts[index].state != .paid { try attempts[index].become(.paid, at: now) }
            receipts[known] = RecordedReceipt(
                receipt: receipt, standing: .rejected, recordedAt: disputed.recordedAt, wasRuledOn: true)
            return .refunded(refund(receipt, rest, because: .dispute, at: now))
        }
    }

    /// Schedules queries about a disputed payment, so that it is judged again after a wrong setting was corrected. A
    /// provider does not repeat an acknowledged notice.
    mutating func followDispute(of index: Int, at now: Instant) {
        guard attempts[index].askAt == nil else { return }
        attempts[index].ask(at: nextAskWhileDisputed(of: index, after: now))
    }

    /// When an attempt with a disputed receipt is queried next after its last word. Nil if it has no disputed receipt,
    /// or if it was followed long enough and needs a manual decision.
    func nextAskWhileDisputed(of index: Int, after now: Instant) -> Instant? {
        let attempt = attempts[index]
        let disputed = receipts.last { $0.standing == .disputed && $0.receipt.tradeNumber == attempt.number }
        guard attempt.isWatched, let disputed else { return nil }
        let end = max(attempt.takesNoMoneyFrom, disputed.recordedAt) + AskingTimes.disputesAreFollowedFor
        return now < end ? now + AskingTimes.pauseWhileDisputed : nil
    }
}
