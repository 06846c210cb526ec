import PayAPI
import PayCore

/// An order as text. It contains no page content.
struct OrderReport {
    private let order: Order

    init(_ order: Order) {
        self.order = order
    }

    var text: String {
        ([head] + order.attempts.map(describe) + order.receipts.map(describe) + order.refunds.map(describe))
            .joined(separator: "\n")
    }

    private var head: String {
        """
        order \(order.number)  \(order.state.name.rawValue)  \(order.money)
          user      \(order.userID)
          subject   \(order.subject)
          created   \(UTCTime(order.createdAt))
          deadline  \(UTCTime(order.deadline))
          fence     \(order.fence.number)\(order.lease.map { "  leased until \(UTCTime($0.endsAt))" } ?? "")
        """
    }

    private func describe(_ attempt: Attempt) -> String {
        let pages = attempt.pages.map { page in
            "\n  page      \(page.kind.rawValue) for \(page.terminal.rawValue), created \(UTCTime(page.mintedAt)), "
                + "expires \(UTCTime(page.expiresAt))"
        }.joined()
        let reference = attempt.reference.map { ", provider reference \($0)" } ?? ""
        return """
            attempt \(attempt.number)  \(attempt.state.name.rawValue) since \(UTCTime(attempt.stateSince))
              channel   \(attempt.channel), first for \(attempt.request.terminal.rawValue)\(reference)
              created   \(UTCTime(attempt.createdAt))
              deadline  \(UTCTime(attempt.request.providerDeadline)) at the provider\(pages)
            """
    }

    private func describe(_ recorded: RecordedReceipt) -> String {
        let receipt = recorded.receipt
        return """
            receipt \(PlainText(receipt.transactionID.text))  \(recorded.standing.rawValue)  \(receipt.amount) \
            \(PlainText(receipt.currencyCode))
              trade     \(receipt.tradeNumber) at \(receipt.channel)
              paid      \(UTCTime(receipt.paidAt)), recorded \(UTCTime(recorded.recordedAt))
            """
    }

    private func describe(_ refund: Refund) -> String {
        "refund \(refund.number)  \(refund.state.rawValue)  \(refund.money), since \(UTCTime(refund.createdAt))"
            + (refund.providerCode.map { ", refused by \(PlainText($0))" } ?? "")
    }
}
