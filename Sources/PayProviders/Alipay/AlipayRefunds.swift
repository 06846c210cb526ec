import PayCore
import PayFlow

extension RefundAnswer {
    /// The result of a refund request. Success alone means only that Alipay accepted the request. `fund_change` says
    /// whether this call moved the money; without it, an earlier call may have done so. `refund_fee` is the sum of all
    /// refunds of the trade, and decides nothing.
    init(submitting outcome: AlipayOutcome, of refund: RefundRequest) {
        switch outcome {
        case .done(let answer):
            switch answer.names(refund) {
            case true?: self = answer.fundChange == "Y" ? .succeeded(at: answer.refundTime) : .submitted
            // Accepted, but by which call is not known. The refund query decides.
            case nil: self = .submitted
            case false?: self = .unknown(.answered(.otherTrade))
            }
        case .signed(let code): self.init(code)
        case .unsigned, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The result of a refund query. A refused query says nothing about the refund.
    init(following outcome: AlipayOutcome, of refund: RefundRequest) {
        switch outcome {
        case .done(let answer): self.init(answer, of: refund)
        case .signed(let code) where code.meaning == .noSuchTrade: self = .noSuchRefund
        case .signed, .unsigned, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// Without a state, Alipay does not know the refund number, or could not process it. The refund is requested again
    /// under the same number.
    private init(_ answer: AlipayWire.Answer, of refund: RefundRequest) {
        switch (answer.refundStatus, answer.names(refund)) {
        case (_, false?): self = .unknown(.answered(.otherTrade))
        case ("REFUND_SUCCESS", true?): self = .succeeded(at: answer.refundTime)
        case (nil, nil), (nil, true?), ("", nil), ("", true?): self = .noSuchRefund
        default: self = .unknown(.answered(.unreadable))
        }
    }

    private init(_ code: AlipayCode) {
        switch code.meaning {
        // Callers query the refund before they believe a refusal.
        case .refused, .alreadyClosed, .noSuchTrade, .wrongState: self = .refused(reason: code.reason)
        case .done, .alreadyPaid, .retryLater, .frozen, .tooOften, .unlisted, .unknown:
            self = .unknown(.answered(.code(code.error)))
        }
    }
}

extension ForeignRefundAnswer {
    /// Only a signed answer that names exactly this number, trade and payment is believed. `now` becomes the time of a
    /// refund whose own time is unreadable.
    init(
        _ outcome: AlipayOutcome, _ number: String, of trade: TradeReference, payment: TransactionID, at now: Instant
    ) {
        switch outcome {
        case .done(let answer): self.init(answer, number, of: trade, payment: payment, at: now)
        case .signed(let code) where code.meaning == .noSuchTrade: self = .noSuchRefund
        case .signed, .unsigned, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(
        _ answer: AlipayWire.Answer, _ number: String, of trade: TradeReference, payment: TransactionID, at now: Instant
    ) {
        let names = [
            (answer.refundNumber, number), (answer.tradeNumber, trade.number.text),
            (answer.transactionID, payment.text),
        ]
        guard names.allSatisfy({ $0.0 == nil || $0.0 == $0.1 }) else {
            self = .unknown(.answered(.otherTrade))
            return
        }
        switch answer.refundStatus {
        case nil, "": self = .noSuchRefund
        case "REFUND_SUCCESS":
            guard names.allSatisfy({ $0.0 != nil }), let amount = answer.refundAmount.flatMap(AlipayMoney.fen),
                let found = ForeignRefund(
                    number: number, of: trade, payment: payment.text, amount: amount,
                    currencyCode: AlipayConfiguration.currency, refundedAt: answer.refundTime ?? now)
            else {
                self = .unknown(.answered(.unreadable))
                return
            }
            self = .found(found)
        default: self = .unknown(.answered(.unreadable))
        }
    }
}

extension AlipayWire.Answer {
    fileprivate var refundTime: Instant? { refundPaidAt.flatMap(AlipayTime.instant) }

    /// Whether the answer is about that refund: nil if it names none, false if any of its numbers differs.
    fileprivate func names(_ refund: RefundRequest) -> Bool? {
        let names = [
            (tradeNumber, refund.tradeNumber.text), (transactionID, refund.transactionID.text),
            (refundNumber, refund.number),
        ].filter { $0.0 != nil }
        let isOurAmount = refundAmount.map { AlipayMoney.fen(yuan: $0) == refund.money.amount } ?? true
        guard names.allSatisfy({ $0.0 == $0.1 }), isOurAmount else { return false }
        return names.isEmpty ? nil : true
    }
}
