import PayCore
import PayFlow

extension WeChatPayWire {
    /// A refund, in the answers to its two calls.
    struct RefundStanding: Decodable {
        struct Amount: Decodable {
            /// In fen: the amount of this refund.
            let refund: Int64?
            let currency: String?
        }

        let outRefundNumber: String
        let status: String
        let outTradeNumber: String?
        let transactionID: String?
        /// Set once the money was returned.
        let successTime: String?
        let amount: Amount?

        private enum CodingKeys: String, CodingKey {
            case status, amount
            case outRefundNumber = "out_refund_no"
            case outTradeNumber = "out_trade_no"
            case transactionID = "transaction_id"
            case successTime = "success_time"
        }
    }
}

extension RefundAnswer {
    /// The result of a refund request. A 200 means that WeChat accepted it; the status says how far it is.
    init(_ outcome: WeChatPayOutcome, submitting refund: RefundRequest) {
        switch outcome {
        case .done: self.init(outcome.message(WeChatPayWire.RefundStanding.self), of: refund)
        case .failed(.refused, let error): self = .refused(reason: error.code)
        case .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The result of a refund query. Of all errors, only "no such refund" says anything about the refund.
    init(_ outcome: WeChatPayOutcome, following refund: RefundRequest) {
        switch outcome {
        case .done: self.init(outcome.message(WeChatPayWire.RefundStanding.self), of: refund)
        case .failed(.noSuchRefund, _): self = .noSuchRefund
        case .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(_ standing: WeChatPayWire.RefundStanding?, of refund: RefundRequest) {
        guard let standing else {
            self = .unknown(.answered(.unreadable))
            return
        }
        guard standing.isRefund(refund) else {
            self = .unknown(.answered(.otherTrade))
            return
        }
        self.init(status: standing.status, successTime: standing.successTime)
    }

    /// `CLOSED`: WeChat gave the refund up without moving money, and another one needs another number. `ABNORMAL`: the
    /// payer's bank rejected it, and a person has to decide at WeChat where the money goes.
    init(status: String, successTime: String?) {
        switch status {
        case "SUCCESS": self = .succeeded(at: successTime.flatMap(WeChatPayTime.instant))
        case "PROCESSING": self = .submitted
        case "CLOSED": self = .closed(reason: status)
        case "ABNORMAL": self = .held(ProviderError(code: status, weight: .balance))
        default: self = .unknown(.answered(.unreadable))
        }
    }
}

extension WeChatPayWire.RefundStanding {
    /// Whether it is that refund. Apart from the number, a missing field is accepted.
    fileprivate func isRefund(_ refund: RefundRequest) -> Bool {
        outRefundNumber == refund.number
            && transactionID.map { $0 == refund.transactionID.text } != false
            && outTradeNumber.map { $0 == refund.tradeNumber.text } != false
            && amount?.refund.map { $0 == refund.money.amount } != false
            && amount?.currency.map { $0 == refund.money.currency.code } != false
    }
}

extension ForeignRefundAnswer {
    /// Only a signed answer about exactly this number, trade and payment is believed. `now` becomes the time of a refund
    /// whose own time is unreadable.
    init(
        _ outcome: WeChatPayOutcome, _ number: String, of trade: TradeReference, payment: TransactionID, at now: Instant
    ) {
        switch outcome {
        case .done:
            guard let standing = outcome.message(WeChatPayWire.RefundStanding.self) else {
                self = .unknown(outcome.doubt)
                return
            }
            guard standing.outRefundNumber == number, standing.outTradeNumber == trade.number.text,
                standing.transactionID == payment.text
            else {
                self = .unknown(.answered(.otherTrade))
                return
            }
            self.init(standing, of: trade, payment: payment, at: now)
        case .failed(.noSuchRefund, _): self = .noSuchRefund
        case .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The money of an abnormal refund has left the merchant and has not reached the payer: it counts as under way.
    private init(
        _ standing: WeChatPayWire.RefundStanding, of trade: TradeReference, payment: TransactionID, at now: Instant
    ) {
        let refundedAt: Instant?
        switch RefundAnswer(status: standing.status, successTime: standing.successTime) {
        case .succeeded(let at): refundedAt = at ?? now
        case .submitted, .held: refundedAt = nil
        case .closed, .refused, .noSuchRefund:
            self = .noSuchRefund
            return
        case .unknown(let doubt):
            self = .unknown(doubt)
            return
        }
        let found = standing.amount?.refund.flatMap { amount in
            ForeignRefund(
                number: standing.outRefundNumber, of: trade, payment: payment.text, amount: amount,
                currencyCode: standing.amount?.currency ?? "", refundedAt: refundedAt)
        }
        self = found.map { .found($0) } ?? .unknown(.answered(.unreadable))
    }
}
