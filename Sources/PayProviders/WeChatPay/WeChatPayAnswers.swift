import PayCore

extension WeChatPayWire {
    /// The answer to a create: one of the three, by the product.
    struct Opened: Decodable {
        let codeURL: String?
        let h5URL: String?
        let prepayID: String?

        private enum CodingKeys: String, CodingKey {
            case codeURL = "code_url"
            case h5URL = "h5_url"
            case prepayID = "prepay_id"
        }
    }

    /// A trade, as a query is answered and as a notice of a payment holds it.
    struct Trade: Decodable {
        struct Amount: Decodable {
            /// In fen: what was asked. What the payer gave of it, coupons aside, is another field.
            let total: Int64?
            let currency: String?
        }

        let appid: String?
        let mchid: String?
        let outTradeNumber: String
        let transactionID: String?
        let tradeState: String
        let successTime: String?
        let amount: Amount?

        private enum CodingKeys: String, CodingKey {
            case appid, mchid, amount
            case outTradeNumber = "out_trade_no"
            case transactionID = "transaction_id"
            case tradeState = "trade_state"
            case successTime = "success_time"
        }
    }

    /// A refund, as its two calls are answered.
    struct RefundStanding: Decodable {
        let outRefundNumber: String
        let status: String

        private enum CodingKeys: String, CodingKey {
            case status
            case outRefundNumber = "out_refund_no"
        }
    }

    struct Failure: Decodable {
        let code: String
        let message: LenientText?
    }
}

/// What came of a call to WeChat Pay, whatever it was about.
enum WeChatPayOutcome {
    /// A 2xx, whose signature was checked.
    case done(status: Int, body: [UInt8])
    /// An error in WeChat's own words, which it doesn't sign.
    case failed(WeChatPayCode, ProviderError)
    case neverSent(reason: String, UnknownReason)
    case unknown(Doubt)

    /// An error whose code can't be read says nothing, whatever its status.
    init(unsigned reply: ProviderReply) {
        guard let failure = WeChatPayWire.decode(WeChatPayWire.Failure.self, from: reply.body),
            ProviderError(code: failure.code).code != ProviderError.unnamed
        else {
            self = .unknown(.answered(UnknownReason(unclear: reply)))
            return
        }
        let code = WeChatPayCode(failure.code, status: reply.status)
        self = .failed(
            code,
            ProviderError(code: failure.code, message: failure.message?.text, weight: code.weight(of: failure.code)))
    }

    /// Why an answer that decides nothing doesn't.
    var reason: UnknownReason { doubt.reason }

    /// The doubt that is left when the answer decides nothing. What never left can't land later, as if it had been
    /// answered.
    fileprivate var doubt: Doubt {
        switch self {
        case .unknown(let doubt): doubt
        case .neverSent(_, let reason): .answered(reason)
        case .failed(_, let error): .answered(.code(error))
        case .done: .answered(.unreadable)
        }
    }

    /// The message of a signed 200.
    fileprivate func message<Message: Decodable>(_ type: Message.Type) -> Message? {
        guard case .done(status: 200, let body) = self else { return nil }
        return WeChatPayWire.decode(type, from: body)
    }
}

extension CreateAnswer {
    init(_ outcome: WeChatPayOutcome, _ request: CreateRequest, pages: WeChatPayPages, at now: Instant) {
        switch outcome {
        case .done:
            let page = outcome.message(WeChatPayWire.Opened.self).flatMap {
                pages.page($0, for: request.stored, at: now)
            }
            self = page.map { .made($0) } ?? .unknown(outcome.doubt)
        case .failed(.refused, let error): self = .refused(reason: error.code)
        // Either leads to a query, which decides. A number that was used before is taken for paid, not for free: that
        // is the reading of "used" that nobody can pay twice for.
        case .failed(.alreadyPaid, _), .failed(.used, _): self = .alreadyPaid
        case .failed(.closed, _): self = .alreadyClosed
        case .neverSent(let reason, let why): self = .notSent(reason: reason, why)
        case .failed, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

extension QueryAnswer {
    /// `number` is what was asked: an answer about another trade is none.
    init(_ outcome: WeChatPayOutcome, about number: TradeNumber, to account: WeChatPayAccount, at now: Instant) {
        switch outcome {
        case .done:
            guard let trade = outcome.message(WeChatPayWire.Trade.self) else {
                self = .unknown(outcome.doubt)
                return
            }
            guard trade.outTradeNumber == number.text else {
                self = .unknown(.answered(.otherTrade))
                return
            }
            self.init(trade, number, account, at: now)
        // Not signed, and so no proof; the rules take it for none either. But without it no order could ever expire,
        // because WeChat says nothing else of a number that it has never got.
        case .failed(.noSuchTrade, _): self = .noSuchTrade
        case .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(
        _ trade: WeChatPayWire.Trade, _ number: TradeNumber, _ account: WeChatPayAccount, at now: Instant
    ) {
        switch trade.tradeState {
        // A refunded trade was paid: the receipt says that the money has gone back.
        case "SUCCESS", "REFUND":
            self = account.receipt(trade, number, at: now).map { .paid($0) } ?? .unknown(.answered(.unreadable))
        case "NOTPAY", "USERPAYING", "PAYERROR", "ACCEPT": self = .unpaid
        case "CLOSED", "REVOKED": self = .closed
        default: self = .unknown(.answered(.unreadable))
        }
    }
}

extension CloseAnswer {
    init(_ outcome: WeChatPayOutcome) {
        switch outcome {
        // WeChat is said to answer so for a number that it has never got: only a query tells.
        case .done(status: 204, _): self = .accepted
        case .failed(.alreadyPaid, _): self = .alreadyPaid
        case .failed(.noSuchTrade, _): self = .noSuchTrade
        case .failed(.refused, let error), .failed(.closed, let error): self = .refused(reason: error.code)
        case .done, .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

extension RefundAnswer {
    /// What a refund that was asked for comes to. A 200 means that it was taken on, and its status how far it is.
    init(_ outcome: WeChatPayOutcome, submitting number: String) {
        switch outcome {
        case .done: self.init(outcome.message(WeChatPayWire.RefundStanding.self), of: number)
        case .failed(.refused, let error): self = .refused(reason: error.code)
        case .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// What a refund that was asked after comes to. An error is no word about the refund, but the one that says that
    /// there is none.
    init(_ outcome: WeChatPayOutcome, following number: String) {
        switch outcome {
        case .done: self.init(outcome.message(WeChatPayWire.RefundStanding.self), of: number)
        case .failed(.noSuchRefund, _): self = .noSuchRefund
        case .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(_ standing: WeChatPayWire.RefundStanding?, of number: String) {
        guard let standing else {
            self = .unknown(.answered(.unreadable))
            return
        }
        guard standing.outRefundNumber == number else {
            self = .unknown(.answered(.otherTrade))
            return
        }
        self.init(status: standing.status)
    }

    /// `CLOSED` is a refund that WeChat gave up, `ABNORMAL` one that the payer's bank didn't take: a person is needed.
    init(status: String) {
        switch status {
        case "SUCCESS": self = .succeeded
        case "PROCESSING": self = .submitted
        case "CLOSED", "ABNORMAL": self = .refused(reason: status)
        default: self = .unknown(.answered(.unreadable))
        }
    }
}

/// Our side of a payment: the merchant and the app that it must name, and the channel that it came by.
struct WeChatPayAccount: Sendable {
    let channel: Channel
    let merchantID: String
    let appID: String

    /// Nil when the trade doesn't say what was paid, or under which number of WeChat's.
    func receipt(_ trade: WeChatPayWire.Trade, _ number: TradeNumber, at now: Instant) -> Receipt? {
        guard let transactionID = trade.transactionID.flatMap(TransactionID.init), let amount = trade.amount?.total
        else { return nil }
        return Receipt(
            channel: channel, tradeNumber: number, transactionID: transactionID, amount: amount,
            currencyCode: trade.amount?.currency ?? "CNY",
            paidAt: trade.successTime.flatMap(WeChatPayTime.instant) ?? now,
            namesOurAccount: trade.mchid == merchantID && trade.appid == appID,
            // WeChat Pay tells neither how much was refunded, nor whether it is through; it only says that it was begun.
            isReturned: trade.tradeState == "REFUND")
    }
}
