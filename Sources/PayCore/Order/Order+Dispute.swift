extension RecordedReceipt {
    /// Whether news of the same payment may change what it counts as: only while it is disputed, and for its own trade.
    func mayBeJudgedAgain(by news: Receipt) -> Bool {
        standing == .disputed && receipt.tradeNumber == news.tradeNumber
    }
}

extension Order {
    /// Sees to it that the provider is queried about a disputed payment, so that the payment is judged again once a wrong
    /// setting has been put right. A provider does not repeat a notice that was acknowledged.
    mutating func followDispute(of index: Int, at now: Instant) {
        guard attempts[index].askAt == nil else { return }
        attempts[index].ask(at: nextAskWhileDisputed(of: index, after: now))
    }

    /// When an attempt with a disputed receipt is queried next after its last word; nil when it has none, or when it has
    /// been followed for long enough and only a person can decide.
    func nextAskWhileDisputed(of index: Int, after now: Instant) -> Instant? {
        let attempt = attempts[index]
        let disputed = receipts.last { $0.standing == .disputed && $0.receipt.tradeNumber == attempt.number }
        guard attempt.isWatched, let disputed else { return nil }
        let end = max(attempt.takesNoMoneyFrom, disputed.recordedAt) + AskingTimes.disputesAreFollowedFor
        return now < end ? now + AskingTimes.pauseWhileDisputed : nil
    }
}
