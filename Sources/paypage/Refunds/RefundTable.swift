import Foundation
import PayAPI
import PayCore
import PayFlow

/// A table of refunds.
struct RefundTable {
    private let refunds: [ListedRefund]

    init(_ refunds: [ListedRefund]) {
        self.refunds = refunds
    }

    var text: String {
        guard !refunds.isEmpty else { return "no refunds" }
        let head = [
            "REFUND", "ORDER", "REFUND_NO", "CAUSE", "CHANNEL", "MONEY", "TRANSACTION", "SINCE", "STATE", "CODE",
        ]
        return TextTable(head: head, rows: refunds.map(cells)).text
    }

    private func cells(_ listed: ListedRefund) -> [String] {
        let refund = listed.refund
        return [
            refund.providerNumber, refund.tradeNumber.order.text, refund.merchantNumber?.text ?? "-",
            refund.cause.rawValue, listed.channel.name, "\(refund.money)", "\(PlainText(refund.transactionID.text))",
            Timestamp(refund.createdAt).text, refund.state.rawValue,
            refund.providerCode.map { "\(PlainText($0))" } ?? "-",
        ]
    }
}

/// A refund as text.
struct RefundReport {
    private let refund: Refund
    private let order: Order

    init(_ refund: Refund, of order: Order) {
        self.refund = refund
        self.order = order
    }

    var text: String {
        let lines: [(String, String?)] = [
            ("order", order.number.text), ("refund_no", refund.merchantNumber?.text),
            ("cause", refund.cause.rawValue), ("reason", refund.reason.map { "\(PlainText($0.text))" }),
            ("channel", order.channel(of: refund)?.name), ("payment", "\(PlainText(refund.transactionID.text))"),
            ("trade", refund.tradeNumber.text), ("created", "\(UTCTime(refund.createdAt))"),
            ("refunded", refund.refundedAt.map { "\(UTCTime($0))" }),
            ("refused", refund.providerCode.map { "\(PlainText($0))" }),
        ]
        let told = lines.compactMap { name, value in
            value.map { "  \(name.padding(toLength: 10, withPad: " ", startingAt: 0))\($0)" }
        }
        return (["refund \(refund.providerNumber)  \(refund.state.rawValue)  \(refund.money)"] + told)
            .joined(separator: "\n")
    }
}
