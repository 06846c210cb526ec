import Foundation
import PayCore

/// An order, told to a person. No page's content is in it.
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
          created   \(time(order.createdAt))
          deadline  \(time(order.deadline))
          fence     \(order.fence.number)\(order.lease.map { "  leased until \(time($0.endsAt))" } ?? "")
        """
    }

    private func describe(_ attempt: Attempt) -> String {
        let pages = attempt.pages.map { page in
            "\n  page      \(page.kind.rawValue) for \(page.terminal.rawValue), minted \(time(page.mintedAt)), "
                + "expires \(time(page.expiresAt))"
        }.joined()
        return """
            attempt \(attempt.number)  \(attempt.state.name.rawValue) since \(time(attempt.stateSince))
              channel   \(attempt.channel), first for \(attempt.request.terminal.rawValue)
              created   \(time(attempt.createdAt))
              deadline  \(time(attempt.request.providerDeadline)) at the provider\(pages)
            """
    }

    private func describe(_ recorded: RecordedReceipt) -> String {
        let receipt = recorded.receipt
        return """
            receipt \(PlainText(receipt.transactionID.text))  \(recorded.standing.rawValue)  \(receipt.amount) \
            \(PlainText(receipt.currencyCode))
              trade     \(receipt.tradeNumber) at \(receipt.channel)
              paid      \(time(receipt.paidAt)), recorded \(time(recorded.recordedAt))
            """
    }

    private func describe(_ refund: Refund) -> String {
        "refund \(refund.number)  \(refund.state.rawValue)  \(refund.money), since \(time(refund.createdAt))"
    }

    private func time(_ instant: Instant) -> String {
        Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
