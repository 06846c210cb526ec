import PayCore
import PayFlow

/// The outcome of a call to the sandbox, for every call.
enum SandboxOutcome {
    /// Success, signed.
    case done(SandboxWire.Answer)
    /// Refused, signed. The code is nil if it is not known.
    case refused(SandboxWire.Code?, reason: String)
    case neverSent(reason: String, UnknownReason)
    case unknown(Doubt)

    /// Reads a reply with a verified signature. A reply that is neither a success nor a refusal is unknown.
    init(signed reply: ProviderReply) {
        let unclear = UnknownReason(unclear: reply)
        guard let answer = SandboxWire.answer(from: reply.body), answer.code.isLoggableCode
        else {
            self = .unknown(.answered(unclear))
            return
        }
        let code = SandboxWire.Code(rawValue: answer.code)
        switch (reply.status, code) {
        case (200, .success): self = .done(answer)
        case (400...499, let code) where code != .success: self = .refused(code, reason: answer.code)
        // A success code with an error status is contradictory.
        case (_, .success): self = .unknown(.answered(unclear))
        default: self = .unknown(.answered(.code(ProviderError(code: answer.code, message: answer.message))))
        }
    }

    /// The doubt when the answer decides nothing. A request that was never sent cannot arrive later, so it counts as
    /// answered.
    fileprivate var doubt: Doubt {
        switch self {
        case .unknown(let doubt): doubt
        case .neverSent(_, let reason): .answered(reason)
        case .refused(_, let reason): .answered(.code(ProviderError(code: reason, weight: .refusal)))
        case .done: .answered(.unreadable)
        }
    }
}

extension CreateAnswer {
    init(_ outcome: SandboxOutcome, asking: SandboxWire.PageKind, serves: Set<Terminal>, pageTTL: Duration) {
        switch outcome {
        case .done(let answer):
            guard let page = answer.page, page.kind == asking, !page.content.isEmpty else {
                self = .unknown(outcome.doubt)
                return
            }
            self = .made(
                ProviderPage(kind: PageKind(page.kind), content: page.content, serves: serves, usableFor: pageTTL))
        case .refused(.alreadyPaid, _): self = .alreadyPaid
        case .refused(.orderClosed, _): self = .alreadyClosed
        case .refused(_, let reason): self = .refused(reason: reason)
        case .neverSent(let reason, let why): self = .notSent(reason: reason, why)
        case .unknown(let doubt): self = .unknown(doubt)
        }
    }
}

extension QueryAnswer {
    /// `number` and `channel` belong to the call. An answer about another trade is ignored.
    init(_ outcome: SandboxOutcome, number: TradeNumber, channel: Channel) {
        switch outcome {
        case .done(let answer):
            guard let trade = answer.trade else {
                self = .unknown(outcome.doubt)
                return
            }
            guard trade.tradeNumber == number.text else {
                self = .unknown(.answered(.otherTrade))
                return
            }
            self.init(trade, number: number, channel: channel)
        case .refused(.noSuchTrade, _): self = .noSuchTrade
        case .refused, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(_ trade: SandboxWire.Trade, number: TradeNumber, channel: Channel) {
        switch trade.state {
        case .unpaid: self = .unpaid
        case .closed: self = .closed
        // A refunded trade was paid. The receipt says that the money was refunded.
        case .paid, .refunded:
            let receipt = trade.payment.flatMap {
                Receipt($0, number: number, channel: channel, isReturned: trade.state == .refunded)
            }
            self = receipt.map { .paid($0) } ?? .unknown(.answered(.unreadable))
        }
    }
}

extension CloseAnswer {
    init(_ outcome: SandboxOutcome) {
        switch outcome {
        case .done: self = .accepted
        case .refused(.alreadyPaid, _): self = .alreadyPaid
        case .refused(.noSuchTrade, _): self = .noSuchTrade
        case .refused(.closeTooEarly, _): self = .tooEarly
        case .refused(_, let reason): self = .refused(reason: reason)
        case .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

extension RefundAnswer {
    /// An answer about another refund is ignored.
    init(_ outcome: SandboxOutcome, of refund: RefundRequest) {
        switch outcome {
        case .done(let answer):
            guard let made = answer.refund else {
                self = .unknown(.answered(.unreadable))
                return
            }
            self =
                made.isRefund(refund)
                ? .succeeded(at: Instant(milliseconds: made.refundedAtMS).clamped) : .unknown(.answered(.otherTrade))
        case .refused(.noSuchRefund, _): self = .noSuchRefund
        case .refused(_, let reason): self = .refused(reason: reason)
        case .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// A refused query says nothing about the refund.
    init(following outcome: SandboxOutcome, of refund: RefundRequest) {
        let answer = Self(outcome, of: refund)
        if case .refused = answer { self = .unknown(outcome.doubt) } else { self = answer }
    }
}

extension SandboxWire.MadeRefund {
    fileprivate func isRefund(_ refund: RefundRequest) -> Bool {
        tradeNumber == refund.tradeNumber.text && transactionID == refund.transactionID.text
            && refundNumber == refund.number && amount == refund.money.amount
            && currency == refund.money.currency.code
    }
}

extension ForeignRefundAnswer {
    init(_ outcome: SandboxOutcome, of name: SandboxWire.RefundName, _ trade: TradeReference) {
        switch outcome {
        case .done(let answer):
            guard let refund = answer.refund else {
                self = .unknown(outcome.doubt)
                return
            }
            guard refund.tradeNumber == name.tradeNumber, refund.transactionID == name.transactionID,
                refund.refundNumber == name.refundNumber
            else {
                self = .unknown(.answered(.otherTrade))
                return
            }
            let found = ForeignRefund(
                number: name.refundNumber, of: trade, payment: refund.transactionID, amount: refund.amount,
                currencyCode: refund.currency, refundedAt: Instant(milliseconds: refund.refundedAtMS))
            self = found.map { .found($0) } ?? .unknown(outcome.doubt)
        case .refused(.noSuchRefund, _): self = .noSuchRefund
        case .refused, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

extension Receipt {
    /// Nil if the transaction id is invalid.
    init?(_ payment: SandboxWire.Payment, number: TradeNumber, channel: Channel, isReturned: Bool = false) {
        guard let transactionID = TransactionID(payment.transactionID) else { return nil }
        self.init(
            channel: channel, tradeNumber: number, transactionID: transactionID, amount: payment.amount,
            currencyCode: payment.currency, paidAt: Instant(milliseconds: payment.paidAtMS),
            namesOurAccount: payment.merchantID == SandboxWire.merchantID, isReturned: isReturned)
    }
}

extension ProviderNotice {
    /// Reads a notice with a verified signature. Nil if it is invalid.
    init?(_ notice: SandboxWire.Notice, channel: Channel) {
        guard notice.channel == channel.name else { return nil }
        if let payment = notice.payment {
            guard let number = TradeNumber(notice.tradeNumber) else {
                self.init(id: notice.id, tradeNumber: notice.tradeNumber, content: .foreignPayment)
                return
            }
            guard let receipt = Receipt(payment, number: number, channel: channel) else { return nil }
            self.init(id: notice.id, tradeNumber: notice.tradeNumber, content: .payment(receipt))
        } else if let refundNumber = notice.refundNumber {
            let refundedAt = notice.refundedAtMS.map { Instant(milliseconds: $0).clamped }
            let content = Content.refund(number: refundNumber, .succeeded(at: refundedAt))
            self.init(id: notice.id, tradeNumber: notice.tradeNumber, content: content)
        } else {
            self.init(id: notice.id, tradeNumber: notice.tradeNumber, content: .other)
        }
    }
}

extension PageKind {
    fileprivate init(_ kind: SandboxWire.PageKind) {
        switch kind {
        case .html: self = .html
        case .qr: self = .qr
        case .sdk: self = .sdk
        }
    }
}

extension String {
    /// Whether it has the form of a sandbox code, and is safe to log.
    fileprivate var isLoggableCode: Bool {
        (1...64).contains(utf8.count)
            && utf8.allSatisfy { $0.isASCIIUppercase || $0 == UInt8(ascii: "_") }
    }
}
