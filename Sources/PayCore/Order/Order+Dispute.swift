extension RecordedReceipt {
    /// Whether a new report of the same payment may change its standing: only while it is disputed, and for its own
    /// trade.
    func mayBeJudgedAgain(by news: Receipt) -> Bool {
        standing == .disputed && receipt.tradeNumber == news.tradeNumber
    }
}

extension Order {
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
