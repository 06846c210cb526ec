import Foundation
import PayCore

extension AlipayWire {
    /// The fields of an answer's node, for every call, with the texts unchanged.
    struct Answer: Decodable, Sendable {
        let code: String
        let message: LenientText?
        let subCode: String?
        let subMessage: LenientText?
        let tradeNumber: String?
        let transactionID: String?
        let tradeStatus: String?
        let totalAmount: String?
        let buyerPayAmount: String?
        let receiptAmount: String?
        let paidAt: String?
        let sellerID: String?
        let qrCode: String?
        let fundChange: String?
        let refundNumber: String?
        let refundStatus: String?
        /// In a refund query, the amount of that refund.
        let refundAmount: String?
        /// The sum of all refunds of the trade.
        let refundFee: String?
        let refundedAt: String?
        /// In the answers about a refund.
        let refundPaidAt: String?
        let billURL: String?
        /// A certificate of Alipay's: PEM in base64.
        let certificateContent: String?

        private enum CodingKeys: String, CodingKey {
            case code
            case message = "msg"
            case subCode = "sub_code"
            case subMessage = "sub_msg"
            case tradeNumber = "out_trade_no"
            case transactionID = "trade_no"
            case tradeStatus = "trade_status"
            case totalAmount = "total_amount"
            case buyerPayAmount = "buyer_pay_amount"
            case receiptAmount = "receipt_amount"
            case paidAt = "send_pay_date"
            case sellerID = "seller_id"
            case qrCode = "qr_code"
            case fundChange = "fund_change"
            case refundNumber = "out_request_no"
            case refundStatus = "refund_status"
            case refundAmount = "refund_amount"
            case refundFee = "refund_fee"
            case refundedAt = "gmt_refund"
            case refundPaidAt = "gmt_refund_pay"
            case billURL = "bill_download_url"
            case certificateContent = "alipay_cert_content"
        }
    }

    /// Nil if the bytes are not such a node.
    static func decode(_ node: [UInt8]) -> Answer? {
        try? JSONDecoder().decode(Answer.self, from: Data(node))
    }
}

/// The states of a trade, by Alipay's names.
enum AlipayTradeStatus: String, Sendable {
    case waiting = "WAIT_BUYER_PAY"
    case success = "TRADE_SUCCESS"
    /// Paid, and no longer refundable.
    case finished = "TRADE_FINISHED"
    /// Unpaid and closed, or paid and refunded in full.
    case closed = "TRADE_CLOSED"
}

extension AlipayTradeStatus {
    /// Whether the whole payment was refunded. `refundFee` is the sum of its refunds, if Alipay reports it. A paid
    /// trade is closed only by a full refund.
    func hasReturned(_ refundFee: String?, of amount: Int64) -> Bool {
        guard let refunded = refundFee.flatMap(AlipayMoney.fen) else { return self == .closed }
        return refunded > 0 ? refunded >= amount : self == .closed
    }
}

/// The outcome of a call to the gateway, for every method.
enum AlipayOutcome {
    /// Success, signed.
    case done(AlipayWire.Answer)
    /// Failure, signed.
    case signed(AlipayCode)
    /// An unsigned error, which anybody may have written. The gateway's own errors are unsigned.
    case unsigned(AlipayCode)
    case neverSent(reason: String, UnknownReason)
    case unknown(Doubt)

    /// Reads a reply. The HTTP status proves nothing, because Alipay answers 200 to every request that it can parse. A
    /// reply or an error that names another trade than `number` is not an answer to this call.
    init(
        _ reply: ProviderReply, to method: AlipayMethod, about number: TradeNumber?, trust: AlipayTrust,
        at now: Instant
    ) {
        guard reply.status == 200, let found = AlipayReplyScanner.scan(reply.body, node: method.node) else {
            self = .unknown(.answered(UnknownReason(unclear: reply)))
            return
        }
        let isSigned: Bool
        switch trust.verdict(on: found, at: now) {
        case .signed: isSigned = true
        case .unsigned: isSigned = false
        case .badSignature:
            self = .unknown(.answered(.signature))
            return
        case .unknownCertificate:
            self = .unknown(.answered(.serial))
            return
        }
        guard let answer = AlipayWire.decode(found.node) else {
            self = .unknown(.answered(.unreadable))
            return
        }
        guard number.map(answer.isAbout) != false else {
            self = .unknown(.answered(.otherTrade))
            return
        }
        let code = AlipayCode(
            code: answer.code, subCode: answer.subCode, message: answer.subMessage?.text ?? answer.message?.text)
        switch (code.meaning, isSigned: isSigned) {
        // Success is believed only from the method's own node, signed.
        case (.done, isSigned: true): self = found.isErrorNode ? .unknown(.answered(.unreadable)) : .done(answer)
        case (.done, isSigned: false): self = .unknown(.answered(.signature))
        case (_, isSigned: true): self = .signed(code)
        case (_, isSigned: false): self = .unsigned(code)
        }
    }

    /// Whether the answer is signed by a certificate that is not known.
    var isOfUnknownCertificate: Bool {
        if case .unknown(let doubt) = self { doubt.reason == .serial } else { false }
    }

    /// The address of a bill; nil if the answer has none.
    var billURL: String? {
        if case .done(let answer) = self { answer.billURL } else { nil }
    }

    /// Whether Alipay asks for fewer calls, which its status does not show. The answer may be unsigned: it decides
    /// nothing else.
    var asksForFewer: Bool {
        switch self {
        case .signed(let code), .unsigned(let code): code.meaning == .tooOften
        case .done, .neverSent, .unknown: false
        }
    }

    /// The doubt when the answer decides nothing. A request that was never sent cannot arrive later, so it counts as
    /// answered. An unsigned error carries no weight.
    var doubt: Doubt {
        switch self {
        case .unknown(let doubt): doubt
        case .neverSent(_, let reason): .answered(reason)
        case .signed(let code): .answered(.code(code.error))
        case .unsigned(let code): .answered(.code(code.error.weighing(.undecided)))
        case .done: .answered(.unreadable)
        }
    }
}

extension CreateAnswer {
    /// The result of a precreate.
    init(_ outcome: AlipayOutcome, number: TradeNumber) {
        switch outcome {
        case .done(let answer):
            guard let code = answer.qrCode, !code.isEmpty, answer.tradeNumber == number.text else {
                self = .unknown(outcome.doubt)
                return
            }
            self = .made(
                ProviderPage(
                    kind: .qr, content: code, serves: [.pc], usableFor: AlipayConfiguration.codeUsableFor))
        case .signed(let code): self.init(code)
        // The gateway refused the request before it created a trade. A create is the only call that an unsigned error
        // may decide.
        case .unsigned(let code) where code.isGatewayRefusal: self = .refused(reason: code.reason)
        case .neverSent(let reason, let why): self = .notSent(reason: reason, why)
        case .unsigned, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(_ code: AlipayCode) {
        switch code.meaning {
        case .refused: self = .refused(reason: code.reason)
        case .alreadyPaid: self = .alreadyPaid
        case .alreadyClosed: self = .alreadyClosed
        case .done, .noSuchTrade, .wrongState, .retryLater, .frozen, .tooOften, .unlisted, .unknown:
            self = .unknown(.answered(.code(code.error)))
        }
    }
}

extension QueryAnswer {
    /// `number` is the trade in the query. An answer about another trade is ignored.
    init(_ outcome: AlipayOutcome, number: TradeNumber, channel: Channel, sellerID: String?, at now: Instant) {
        switch outcome {
        case .done(let answer):
            guard answer.tradeNumber == number.text, let read = answer.tradeStatus.flatMap(AlipayTradeStatus.init)
            else {
                self = .unknown(outcome.doubt)
                return
            }
            let receipt = Receipt(answer, read, number: number, channel: channel, sellerID: sellerID, at: now)
            self.init(read, wasPaid: answer.showsMoney, receipt: receipt)
        case .signed(let code) where code.meaning == .noSuchTrade: self = .noSuchTrade
        case .signed, .unsigned, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// A closed trade may have been paid and refunded. `wasPaid` is nil if the answer does not show it.
    private init(_ status: AlipayTradeStatus, wasPaid: Bool?, receipt: Receipt?) {
        let paid = receipt.map { QueryAnswer.paid($0) } ?? .unknown(.answered(.unreadable))
        switch (status, wasPaid) {
        case (.waiting, _): self = .unpaid
        case (.success, _), (.finished, _), (.closed, true?): self = paid
        case (.closed, false?): self = .closed
        case (.closed, nil): self = .unknown(.answered(.unreadable))
        }
    }
}

extension CloseAnswer {
    init(_ outcome: AlipayOutcome) {
        switch outcome {
        case .done: self = .accepted
        case .signed(let code): self.init(code)
        case .unsigned, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(_ code: AlipayCode) {
        switch code.meaning {
        case .alreadyPaid: self = .alreadyPaid
        case .alreadyClosed: self = .accepted
        case .noSuchTrade: self = .noSuchTrade
        case .refused, .wrongState: self = .refused(reason: code.reason)
        case .done, .retryLater, .frozen, .tooOften, .unlisted, .unknown:
            self = .unknown(.answered(.code(code.error)))
        }
    }
}

extension Receipt {
    /// Nil if the amount or the transaction id is invalid. A query's answer does not name the application.
    fileprivate init?(
        _ answer: AlipayWire.Answer, _ status: AlipayTradeStatus, number: TradeNumber, channel: Channel,
        sellerID: String?, at now: Instant
    ) {
        guard let transactionID = answer.transactionID.flatMap(TransactionID.init),
            let amount = answer.totalAmount.flatMap(AlipayMoney.fen)
        else { return nil }
        self.init(
            channel: channel, tradeNumber: number, transactionID: transactionID, amount: amount,
            currencyCode: AlipayConfiguration.currency, paidAt: answer.paidAt.flatMap(AlipayTime.instant) ?? now,
            namesOurAccount: sellerID == nil || answer.sellerID == nil || answer.sellerID == sellerID,
            isReturned: status.hasReturned(answer.refundFee, of: amount))
    }
}

extension AlipayWire.Answer {
    /// Whether the answer is about that trade. A missing number is accepted.
    fileprivate func isAbout(_ number: TradeNumber) -> Bool {
        tradeNumber.map { $0.isEmpty || $0 == number.text } ?? true
    }

    /// Whether the answer shows a payment, refunded or not. Nil if an amount is invalid.
    fileprivate var showsMoney: Bool? {
        if [paidAt, refundedAt].contains(where: { $0?.isEmpty == false }) { return true }
        let amounts = [buyerPayAmount, receiptAmount, refundFee, refundAmount].compactMap { $0 }.filter { !$0.isEmpty }
        let fen = amounts.map { AlipayMoney.fen(yuan: $0) }
        if fen.contains(where: { ($0 ?? 0) > 0 }) { return true }
        return fen.contains(nil) ? nil : false
    }
}
