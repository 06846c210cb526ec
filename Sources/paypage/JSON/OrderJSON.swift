import PayAPI
import PayCore
import PayFlow

/// The JSON of an order for an operator. A field that the API has too has the API's name. No page has its content.
struct OrderJSON: Encodable {
    let out_trade_no: String
    let user_id: String
    let state: String
    let amount: Int64
    let currency: String
    let subject: String
    let return_url: String?
    let created_at: Timestamp
    /// Only in a list.
    let updated_at: Timestamp?
    let expires_at: Timestamp
    let fence: Int64
    /// The end of the lease; nil if the order has none.
    let leased_until: Timestamp?
    let attempts: [AttemptJSON]
    let receipts: [ReceiptAnswer]
    let refunds: [RefundAnswerBody]
    /// Not in a list.
    let history: [HistoryJSON]?

    init(_ order: Order, updatedAt: Instant? = nil, history: [HistoryEntry]? = nil) {
        out_trade_no = order.number.text
        user_id = order.userID.text
        state = order.state.name.rawValue
        amount = order.money.amount
        currency = order.money.currency.code
        subject = order.subject.text
        return_url = order.returnURL
        created_at = Timestamp(order.createdAt)
        updated_at = updatedAt.map(Timestamp.init)
        expires_at = Timestamp(order.deadline)
        fence = order.fence.number
        leased_until = order.lease.map { Timestamp($0.endsAt) }
        attempts = order.attempts.map(AttemptJSON.init)
        receipts = order.receipts.map(ReceiptAnswer.init)
        refunds = order.refunds.map(RefundAnswerBody.init)
        self.history = history.map { $0.map(HistoryJSON.init) }
    }
}

/// An attempt's fields in the API, and what only an operator needs.
struct AttemptJSON: Encodable {
    private struct More: Encodable {
        let provider_reference: String?
        let pages: [PageJSON]
    }

    private struct PageJSON: Encodable {
        let terminal: String
        let kind: String
        let created_at: Timestamp
        let expires_at: Timestamp

        init(_ page: Page) {
            terminal = page.terminal.rawValue
            kind = page.kind.rawValue
            created_at = Timestamp(page.mintedAt)
            expires_at = Timestamp(page.expiresAt)
        }
    }

    private let answer: AttemptAnswer
    private let more: More

    init(_ attempt: Attempt) {
        answer = AttemptAnswer(attempt)
        more = More(provider_reference: attempt.reference?.text, pages: attempt.pages.map(PageJSON.init))
    }

    func encode(to encoder: any Encoder) throws {
        try answer.encode(to: encoder)
        try more.encode(to: encoder)
    }
}
