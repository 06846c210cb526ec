import PayCore
package import PayFlow

/// The JSON of the disputes that wait for a decision.
package struct DisputesAnswer: Encodable {
    let disputes: [DisputeAnswer]

    package init(disputes: [DisputeAnswer]) {
        self.disputes = disputes
    }
}

/// The JSON of a disputed payment, with what its attempt expects.
package struct DisputeAnswer: Encodable {
    /// The particulars that the payment should have.
    struct Expected: Encodable {
        let channel: String
        let amount: Int64
        let currency: String
    }

    let out_trade_no: String
    let state: String
    let transaction_id: String
    let trade_no: String
    let channel: String
    let amount: Int64
    let currency: String
    /// Whether the payment names the configured merchant account and app.
    let names_our_account: Bool
    /// Whether the provider has already returned all of the money.
    let is_returned: Bool
    let expected: Expected
    let paid_at: Timestamp
    let recorded_at: Timestamp

    package init(_ dispute: ListedDispute) {
        let receipt = dispute.recorded.receipt
        out_trade_no = receipt.tradeNumber.order.text
        state = dispute.orderState.rawValue
        transaction_id = receipt.transactionID.text
        trade_no = receipt.tradeNumber.text
        channel = receipt.channel.name
        amount = receipt.amount
        currency = receipt.currencyCode
        names_our_account = receipt.namesOurAccount
        is_returned = receipt.isReturned
        expected = Expected(
            channel: dispute.expectedChannel.name, amount: dispute.expected.amount,
            currency: dispute.expected.currency.code)
        paid_at = Timestamp(receipt.paidAt)
        recorded_at = Timestamp(dispute.recorded.recordedAt)
    }
}
