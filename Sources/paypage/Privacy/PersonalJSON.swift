import PayAPI
import PayCore
import PayFlow

/// Everything that is stored about a user.
struct PersonalJSON: Encodable {
    let user_id: String
    let orders: [PersonalOrderJSON]
}

struct PersonalOrderJSON: Encodable {
    struct AttemptJSON: Encodable {
        let trade_no: String
        let channel: String
        let terminal: String
        let openid: String?
        let client_ip: String?
        let state: String
        let created_at: String
        let page_count: Int
    }

    struct PaymentJSON: Encodable {
        let channel: String
        let transaction_id: String
        let amount: Int64
        let currency: String
        let paid_at: String
    }

    struct RefundJSON: Encodable {
        let number: String
        let refund_no: String?
        let amount: Int64
        let reason: String?
        let state: String
        let created_at: String
    }

    struct NoticeJSON: Encodable {
        let channel: String
        let received_at: String
        let body: String
    }

    let out_trade_no: String
    let subject: String
    let amount: Int64
    let currency: String
    let return_url: String?
    let state: String
    let created_at: String
    let attempts: [AttemptJSON]
    let payments: [PaymentJSON]
    let refunds: [RefundJSON]
    let notices: [NoticeJSON]
    let idempotency_keys: [String]

    init(_ order: Order, _ texts: PersonalTexts) {
        out_trade_no = order.number.text
        subject = order.subject.text
        amount = order.money.amount
        currency = order.money.currency.code
        return_url = order.returnURL
        state = order.state.name.rawValue
        created_at = "\(UTCTime(order.createdAt))"
        attempts = order.attempts.map { attempt in
            let payer = attempt.request.payer
            return AttemptJSON(
                trade_no: attempt.number.text, channel: attempt.channel.name,
                terminal: attempt.request.terminal.rawValue, openid: payer.openID.isEmpty ? nil : payer.openID,
                client_ip: payer.clientIP, state: attempt.state.name.rawValue,
                created_at: "\(UTCTime(attempt.createdAt))", page_count: attempt.pages.count)
        }
        payments = order.receipts.map(\.receipt).map { receipt in
            PaymentJSON(
                channel: receipt.channel.name, transaction_id: receipt.transactionID.text, amount: receipt.amount,
                currency: receipt.currencyCode, paid_at: "\(UTCTime(receipt.paidAt))")
        }
        refunds = order.refunds.map { refund in
            RefundJSON(
                number: refund.number, refund_no: refund.merchantNumber?.text, amount: refund.money.amount,
                reason: refund.reason?.text, state: refund.state.rawValue,
                created_at: "\(UTCTime(refund.createdAt))")
        }
        notices = texts.notices.map { notice in
            NoticeJSON(
                channel: notice.channel.name, received_at: "\(UTCTime(notice.receivedAt))", body: notice.body)
        }
        idempotency_keys = texts.keyScopes
    }
}
