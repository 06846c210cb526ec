import PayCore

extension Order {
    /// The changes of a commit, for a trace.
    func changes(since before: Order?, _ trace: Trace) -> String {
        guard trace.isWritten else { return "" }
        var words: [String] = []
        if before?.state != state { words.append("\(before.map { "\($0.state.name) → " } ?? "")\(state.name)") }
        for (index, attempt) in attempts.enumerated() {
            let old = before.flatMap { index < $0.attempts.count ? $0.attempts[index] : nil }
            if old?.state != attempt.state {
                let from = old.map { "\($0.state.name) → " } ?? ""
                words.append("_\(attempt.number.sequence) \(attempt.channel) \(from)\(attempt.state.name)")
            }
            if old?.askAt != attempt.askAt, let askAt = attempt.askAt {
                words.append("_\(attempt.number.sequence) is asked after at \(trace.stamp(askAt))")
            }
            for page in attempt.pages where old?.pages.contains(page) != true {
                words.append("page \(page.content) until \(trace.stamp(page.expiresAt))")
            }
        }
        for receipt in receipts.dropFirst(before?.receipts.count ?? 0) {
            words.append("receipt of \(receipt.receipt.tradeNumber), \(receipt.standing)")
        }
        for (index, refund) in refunds.enumerated() {
            let old = before.flatMap { index < $0.refunds.count ? $0.refunds[index] : nil }
            if old != refund { words.append("refund \(refund.number) \(refund.state)") }
        }
        if before?.lease != lease {
            let text = lease.map {
                "\($0.owner) until \(trace.stamp($0.endsAt))\($0.isUnanswered ? ", unanswered" : "")"
            }
            words.append("lease \(text ?? "free")")
        }
        if before?.fence != fence { words.append("fence \(fence.number)") }
        return "\(number): " + words.joined(separator: "; ")
    }
}
