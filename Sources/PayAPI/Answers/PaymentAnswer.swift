import PayCache
package import PayCore
import PayFlow

/// The JSON response to a first pay call without a page. With a page, the response is ``ReadyPage``'s.
struct OrderedAnswerBody: Encodable {
    let out_trade_no: String
    let state: String
    let amount: Int64
    let currency: String
    let expires_at: Timestamp
    let expires_in: Int64
    let checkout_url: String

    init(_ order: OrderSummary, checkoutURL: String, at now: Instant) {
        out_trade_no = order.number.text
        state = order.state.rawValue
        amount = order.money.amount
        currency = order.money.currency.code
        expires_at = Timestamp(order.deadline)
        expires_in = (order.deadline - now).wholeSeconds
        checkout_url = checkoutURL
    }
}

/// The JSON of a page, with or without its content.
struct PageAnswer: Encodable {
    let channel: String
    let terminal: String
    let kind: String
    let content: String?
    let expires_at: Timestamp
    let expires_in: Int64

    typealias CodingKeys = PageKey

    /// `terminal` is the terminal of the caller, which may differ from the one that the page was created for.
    init(_ served: ServedPage, terminal: Terminal, withContent: Bool, at now: Instant) {
        channel = served.channel.name
        self.terminal = terminal.rawValue
        kind = served.page.kind.rawValue
        content = withContent ? served.page.content : nil
        expires_at = Timestamp(served.page.expiresAt)
        expires_in = (served.page.expiresAt - now).wholeSeconds
    }
}

/// The JSON of an order. Fields for the merchant only are nil for other callers.
package struct OrderAnswer: Encodable {
    let out_trade_no: String
    let user_id: String?
    let state: String
    let amount: Int64
    let currency: String
    let subject: String
    let return_url: String?
    let created_at: Timestamp
    /// Only in a list: a valid value for the next `updated_after`.
    let updated_at: Timestamp?
    let expires_at: Timestamp
    let expires_in: Int64
    /// The seconds for which a pay call is still accepted.
    let payable_in: Int64
    /// Changes whenever another field changes, except for the running seconds.
    let revision: String
    /// The provider call that the order waits for; nil if there is none.
    let activity: String?
    let page: PageAnswer?
    /// How much of the payment has been returned.
    let refunded: Int64
    /// For the merchant only: how much of the payment can still be refunded.
    let refundable: Int64?
    /// Money that went back or is on its way back, with the cause; nil if there is none.
    let given_back: [GivenBackAnswer]?
    /// For the merchant only: the link to the checkout page, in case the response to the pay call was lost.
    let checkout_url: String?
    let attempts: [AttemptAnswer]?
    let receipts: [ReceiptAnswer]?
    let refunds: [RefundAnswerBody]?

    init(
        _ order: Order, forMerchant: Bool, updatedAt: Instant? = nil, checkoutURL: String? = nil, deadlines: Deadlines,
        at now: Instant
    ) {
        out_trade_no = order.number.text
        user_id = forMerchant ? order.userID.text : nil
        state = order.state.name.rawValue
        amount = order.money.amount
        currency = order.money.currency.code
        subject = order.subject.text
        return_url = order.returnURL
        created_at = Timestamp(order.createdAt)
        updated_at = updatedAt.map(Timestamp.init)
        expires_at = Timestamp(order.deadline)
        let isNew = order.state.name == .new
        expires_in = isNew ? (order.deadline - now).wholeSeconds : 0
        payable_in = isNew ? (deadlines.cutOff(of: order.deadline) - now).wholeSeconds : 0
        revision = OrderRevision.of(order, forMerchant: forMerchant, at: now)
        activity = order.activity?.rawValue
        page = order.anyLivePage(at: now).map {
            PageAnswer($0, terminal: $0.page.terminal, withContent: false, at: now)
        }
        refunded = order.refunded
        refundable = forMerchant ? order.refundable : nil
        given_back = order.refunds.isEmpty ? nil : order.refunds.map { GivenBackAnswer($0, of: order) }
        checkout_url = checkoutURL
        attempts = forMerchant ? order.attempts.map(AttemptAnswer.init) : nil
        receipts = forMerchant ? order.receipts.map(ReceiptAnswer.init) : nil
        refunds = forMerchant ? order.refunds.map(RefundAnswerBody.init) : nil
    }
}

/// The JSON of a refund for the payer.
struct GivenBackAnswer: Encodable {
    let channel: String?
    let amount: Int64
    let currency: String
    let cause: String
    let state: String

    init(_ refund: Refund, of order: Order) {
        channel = order.channel(of: refund)?.name
        amount = refund.money.amount
        currency = refund.money.currency.code
        cause = refund.cause.rawValue
        state = refund.state.rawValue
    }
}

package struct AttemptAnswer: Encodable {
    let trade_no: String
    let channel: String
    let terminal: String
    let state: String
    let created_at: Timestamp
    let state_since: Timestamp
    let provider_deadline: Timestamp

    package init(_ attempt: Attempt) {
        trade_no = attempt.number.text
        channel = attempt.channel.name
        terminal = attempt.request.terminal.rawValue
        state = attempt.state.name.rawValue
        created_at = Timestamp(attempt.createdAt)
        state_since = Timestamp(attempt.stateSince)
        provider_deadline = Timestamp(attempt.request.providerDeadline)
    }
}

package struct ReceiptAnswer: Encodable {
    let transaction_id: String
    let trade_no: String
    let channel: String
    let amount: Int64
    let currency: String
    let standing: String
    let paid_at: Timestamp
    let recorded_at: Timestamp

    package init(_ recorded: RecordedReceipt) {
        transaction_id = recorded.receipt.transactionID.text
        trade_no = recorded.receipt.tradeNumber.text
        channel = recorded.receipt.channel.name
        amount = recorded.receipt.amount
        currency = recorded.receipt.currencyCode
        standing = recorded.standing.rawValue
        paid_at = Timestamp(recorded.receipt.paidAt)
        recorded_at = Timestamp(recorded.recordedAt)
    }
}

package struct RefundAnswerBody: Encodable {
    let refund_no: String
    let provider_refund_no: String
    let trade_no: String
    let transaction_id: String
    let amount: Int64
    let currency: String
    let cause: String
    let state: String
    let reason: String?
    /// The provider's own code, if the provider refuses the refund.
    let provider_code: String?
    let created_at: Timestamp
    let refunded_at: Timestamp?

    package init(_ refund: Refund) {
        refund_no = refund.publicNumber
        provider_refund_no = refund.providerNumber
        trade_no = refund.tradeNumber.text
        transaction_id = refund.transactionID.text
        amount = refund.money.amount
        currency = refund.money.currency.code
        cause = refund.cause.rawValue
        state = refund.state.rawValue
        reason = refund.reason?.text
        provider_code = refund.providerCode
        created_at = Timestamp(refund.createdAt)
        refunded_at = refund.refundedAt.map(Timestamp.init)
    }
}

/// The JSON of one page of the order list, with the cursor of the next page.
struct OrderListAnswer: Encodable {
    let payments: [OrderAnswer]
    let next_cursor: String?
}
