import PayCore

extension WeChatPayWire {
    /// The answer to a create. Exactly one field is set, depending on the product.
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

    /// A trade, in a query's answer and in a payment notice.
    struct Trade: Decodable {
        struct Amount: Decodable {
            /// In fen: the requested amount. The payer's share without coupons is another field.
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

    struct Failure: Decodable {
        let code: String
        let message: LenientText?
    }
}

/// The outcome of a call to WeChat Pay, for every call.
enum WeChatPayOutcome {
    /// A 2xx with a verified signature.
    case done(status: Int, body: [UInt8])
    /// An error in WeChat's JSON, which WeChat does not sign.
    case failed(WeChatPayCode, ProviderError)
    case neverSent(reason: String, UnknownReason)
    case unknown(Doubt)

    /// An error without a readable code decides nothing, with any status.
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

    /// Why the answer decides nothing.
    var reason: UnknownReason { doubt.reason }

    /// The doubt when the answer decides nothing. A request that was never sent cannot arrive later, so it counts as
    /// answered.
    var doubt: Doubt {
        switch self {
        case .unknown(let doubt): doubt
        case .neverSent(_, let reason): .answered(reason)
        case .failed(_, let error): .answered(.code(error))
        case .done: .answered(.unreadable)
        }
    }

    /// The place of a bill; nil if the answer names none.
    var billPlace: WeChatPayWire.BillPlace? { message(WeChatPayWire.BillPlace.self) }

    /// The message of a signed 200.
    func message<Message: Decodable>(_ type: Message.Type) -> Message? {
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
        // Both codes lead to a query, which decides. A number that was used before counts as paid: this reading cannot
        // cause a second payment.
        case .failed(.alreadyPaid, _), .failed(.used, _): self = .alreadyPaid
        case .failed(.closed, _): self = .alreadyClosed
        case .neverSent(let reason, let why): self = .notSent(reason: reason, why)
        case .failed, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

extension QueryAnswer {
    /// `number` is the trade in the query. An answer about another trade is ignored.
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
        // Unsigned, and therefore not proof; the rules do not treat it as proof either. But WeChat has no other answer
        // for an unknown number. Without this answer, no order could ever expire.
        case .failed(.noSuchTrade, _): self = .noSuchTrade
        case .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(
        _ trade: WeChatPayWire.Trade, _ number: TradeNumber, _ account: WeChatPayAccount, at now: Instant
    ) {
        switch trade.tradeState {
        // A refunded trade was paid. The receipt says that the money was refunded.
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
        // WeChat reportedly answers 204 for an unknown number too, so only a query decides.
        case .done(status: 204, _): self = .accepted
        case .failed(.alreadyPaid, _): self = .alreadyPaid
        case .failed(.noSuchTrade, _): self = .noSuchTrade
        case .failed(.refused, let error), .failed(.closed, let error): self = .refused(reason: error.code)
        case .done, .failed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

/// The merchant that a payment must name, and its channel. Each trade has its own appid.
struct WeChatPayAccount: Sendable {
    let channel: Channel
    let merchantID: String

    /// Nil if the trade lacks the amount or WeChat's transaction id.
    func receipt(_ trade: WeChatPayWire.Trade, _ number: TradeNumber, at now: Instant) -> Receipt? {
        guard let transactionID = trade.transactionID.flatMap(TransactionID.init), let amount = trade.amount?.total
        else { return nil }
        return Receipt(
            channel: channel, tradeNumber: number, transactionID: transactionID, amount: amount,
            currencyCode: trade.amount?.currency ?? "CNY",
            paidAt: trade.successTime.flatMap(WeChatPayTime.instant) ?? now,
            namesOurAccount: trade.mchid == merchantID && trade.appid != nil, appID: trade.appid,
            // `REFUND` says only that a refund was started, not how much was refunded or whether it is complete.
            isReturned: trade.tradeState == "REFUND")
    }
}
