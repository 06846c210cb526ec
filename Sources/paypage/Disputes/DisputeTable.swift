import PayAPI
import PayCore
import PayFlow

/// A table of disputed payments.
struct DisputeTable {
    private let disputes: [ListedDispute]

    init(_ disputes: [ListedDispute]) {
        self.disputes = disputes
    }

    var text: String {
        guard !disputes.isEmpty else { return "no disputes" }
        let head = ["TRANSACTION", "ORDER", "STATE", "CHANNEL", "MONEY", "EXPECTED", "ACCOUNT", "SINCE"]
        return TextTable(head: head, rows: disputes.map(cells)).text
    }

    private func cells(_ dispute: ListedDispute) -> [String] {
        let receipt = dispute.recorded.receipt
        let channel = receipt.channel == dispute.expectedChannel ? "" : " by \(dispute.expectedChannel)"
        return [
            "\(PlainText(receipt.transactionID.text))", receipt.tradeNumber.order.text, dispute.orderState.rawValue,
            receipt.channel.name, "\(receipt.amount) \(PlainText(receipt.currencyCode))",
            "\(dispute.expected)\(channel)", receipt.namesOurAccount ? "ours" : "another",
            Timestamp(dispute.recorded.recordedAt).text,
        ]
    }
}

/// The JSON of `paypage disputes list`, with the API's fields.
struct DisputeListJSON: Encodable {
    let disputes: [DisputeAnswer]

    init(_ disputes: [ListedDispute]) {
        self.disputes = disputes.map(DisputeAnswer.init)
    }
}
