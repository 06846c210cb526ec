import Foundation
import PayCore

extension AlipayWire {
    /// What a node may hold, of all calls; the texts as they came.
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
        let refundAmount: String?
        let refundFee: String?
        let refundedAt: String?

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
        }
    }

    /// Nil when the bytes are no such node.
    static func decode(_ node: [UInt8]) -> Answer? {
        try? JSONDecoder().decode(Answer.self, from: Data(node))
    }
}

/// The states of a trade, by Alipay's names.
enum AlipayTradeStatus: String, Sendable {
    case waiting = "WAIT_BUYER_PAY"
    case success = "TRADE_SUCCESS"
    /// Paid, and not refundable any more.
    case finished = "TRADE_FINISHED"
    /// Not paid and over, or paid and given back in full.
    case closed = "TRADE_CLOSED"
}

extension AlipayTradeStatus {
    /// Whether all of a payment has gone back: `refundFee` is the sum of its refunds, where Alipay tells it. A paid trade
    /// is closed by its full refund alone.
    func hasReturned(_ refundFee: String?, of amount: Int64) -> Bool {
        guard let refunded = refundFee.flatMap(AlipayMoney.fen) else { return self == .closed }
        return refunded > 0 ? refunded >= amount : self == .closed
    }
}

/// What came of a call to the gateway, whatever it was about.
enum AlipayOutcome {
    /// Done, and signed.
    case done(AlipayWire.Answer)
    /// Not done, and signed.
    case signed(AlipayCode)
    /// An error that nobody signed, as the gateway's own are: anybody may have written it.
    case unsigned(AlipayCode)
    case neverSent(reason: String, UnknownReason)
    case unknown(Doubt)

    /// Reads a reply. The status proves nothing: Alipay answers 200 to whatever it understands. One that names another
    /// trade than `number`, an error too, is no answer to what was asked.
    init(_ reply: ProviderReply, to method: AlipayMethod, about number: TradeNumber, key: RSAVerifyingKey) {
        guard reply.status == 200, let found = AlipayReplyScanner.scan(reply.body, node: method.node) else {
            self = .unknown(.answered(UnknownReason(unclear: reply)))
            return
        }
        if let signature = found.signature, !key.isSigned(found.node, byBase64: signature) {
            self = .unknown(.answered(.signature))
            return
        }
        guard let answer = AlipayWire.decode(found.node) else {
            self = .unknown(.answered(.unreadable))
            return
        }
        guard answer.isAbout(number) else {
            self = .unknown(.answered(.otherTrade))
            return
        }
        let code = AlipayCode(
            code: answer.code, subCode: answer.subCode, message: answer.subMessage?.text ?? answer.message?.text)
        switch (code.meaning, isSigned: found.signature != nil) {
        // Only its own node, signed, says that something was done.
        case (.done, isSigned: true): self = found.isErrorNode ? .unknown(.answered(.unreadable)) : .done(answer)
        case (.done, isSigned: false): self = .unknown(.answered(.signature))
        case (_, isSigned: true): self = .signed(code)
        case (_, isSigned: false): self = .unsigned(code)
        }
    }

    /// Whether Alipay asks for fewer calls, which its status doesn't say. Nothing hangs on who wrote that.
    var asksForFewer: Bool {
        switch self {
        case .signed(let code), .unsigned(let code): code.meaning == .tooOften
        case .done, .neverSent, .unknown: false
        }
    }

    /// The doubt that is left when the answer decides nothing. What never left can't land later, as if it had been
    /// answered. An error that nobody signed weighs nothing.
    fileprivate var doubt: Doubt {
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
    /// What came of a precreate.
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
        // Nothing was made by whoever says this, and nothing else hangs on it.
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
        case .done, .noSuchTrade, .wrongState, .retryLater, .tooOften, .unlisted, .unknown:
            self = .unknown(.answered(.code(code.error)))
        }
    }
}

extension QueryAnswer {
    /// `number` is what was asked: an answer about another trade is none.
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

    /// A closed trade may be one that was paid and given back. `wasPaid` is nil when the answer can't be read for it.
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
        case .done, .retryLater, .tooOften, .unlisted, .unknown: self = .unknown(.answered(.code(code.error)))
        }
    }
}

extension RefundAnswer {
    /// What came of asking for a refund. Success alone means only that it was heard: `fund_change` says that this call
    /// moved the money, and without it an earlier one may have done so.
    init(submitting outcome: AlipayOutcome, of refund: Refund) {
        switch outcome {
        case .done(let answer):
            switch answer.names(refund) {
            case true?: self = answer.fundChange == "Y" ? .succeeded : .submitted
            // Heard, but which: whoever asks after it will know.
            case nil: self = .submitted
            case false?: self = .unknown(.answered(.otherTrade))
            }
        case .signed(let code): self.init(code)
        case .unsigned, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// What came of asking after one. That the question was refused says nothing of the refund.
    init(following outcome: AlipayOutcome, of refund: Refund) {
        switch outcome {
        case .done(let answer): self.init(answer, of: refund)
        case .signed(let code) where code.meaning == .noSuchTrade: self = .noSuchRefund
        case .signed, .unsigned, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// Without a state, Alipay has not heard of the number, or could not do it: it is asked for again under the same.
    private init(_ answer: AlipayWire.Answer, of refund: Refund) {
        switch (answer.refundStatus, answer.names(refund)) {
        case (_, false?): self = .unknown(.answered(.otherTrade))
        case ("REFUND_SUCCESS", true?): self = .succeeded
        case (nil, nil), (nil, true?), ("", nil), ("", true?): self = .noSuchRefund
        default: self = .unknown(.answered(.unreadable))
        }
    }

    private init(_ code: AlipayCode) {
        switch code.meaning {
        // Whoever hears a refusal asks after the refund before they believe it.
        case .refused, .alreadyClosed, .noSuchTrade, .wrongState: self = .refused(reason: code.reason)
        case .done, .alreadyPaid, .retryLater, .tooOften, .unlisted, .unknown:
            self = .unknown(.answered(.code(code.error)))
        }
    }
}

extension Receipt {
    /// Nil when the amount or the number of the payment can't be read. A query's answer doesn't name the application.
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
    /// Whether it speaks of that trade, as far as it says.
    fileprivate func isAbout(_ number: TradeNumber) -> Bool {
        tradeNumber.map { $0.isEmpty || $0 == number.text } ?? true
    }

    /// Whether it speaks of that refund: nil when it names nothing, false when anything that it says is another's.
    fileprivate func names(_ refund: Refund) -> Bool? {
        let names = [
            (tradeNumber, refund.tradeNumber.text), (transactionID, refund.transactionID.text),
            (refundNumber, refund.number),
        ].filter { $0.0 != nil }
        let isOurAmount = refundAmount.map { AlipayMoney.fen(yuan: $0) == refund.money.amount } ?? true
        guard names.allSatisfy({ $0.0 == $0.1 }), isOurAmount else { return false }
        return names.isEmpty ? nil : true
    }

    /// Whether it shows that money came, whatever became of it; nil when an amount can't be read.
    fileprivate var showsMoney: Bool? {
        if [paidAt, refundedAt].contains(where: { $0?.isEmpty == false }) { return true }
        let amounts = [buyerPayAmount, receiptAmount, refundFee, refundAmount].compactMap { $0 }.filter { !$0.isEmpty }
        let fen = amounts.map { AlipayMoney.fen(yuan: $0) }
        if fen.contains(where: { ($0 ?? 0) > 0 }) { return true }
        return fen.contains(nil) ? nil : false
    }
}
