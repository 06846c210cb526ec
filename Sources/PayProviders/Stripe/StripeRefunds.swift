import PayCore
import PayFlow

/// The refunds of a payment, from one or more pages of Stripe's list.
enum StripeRefunds: Sendable {
    case listed([StripeRefund], isWhole: Bool)
    case failed(StripeOutcome)

    /// The refund with that number in its metadata. If several have it, because earlier ones failed, the one that got
    /// furthest counts. Nil without one; false in `isSound` if any of them does not `fit`.
    fileprivate static func named(
        _ number: String, in refunds: [StripeRefund], _ fits: (StripeRefund) -> Bool
    ) -> (refund: StripeRefund, isSound: Bool)? {
        let named = refunds.filter { $0.metadata?.refund_no == number }
        return named.max { $0.standing < $1.standing }.map { ($0, named.allSatisfy(fits)) }
    }
}

extension RefundAnswer {
    /// The answer to a refund request.
    init(asked outcome: StripeOutcome, _ refund: RefundRequest) {
        switch outcome {
        case .done(let body): self.init(StripeJSON.decode(StripeRefund.self, from: body), refund)
        // Stripe replays a refusal to the same key for a day. A retry needs another number, and with it another key.
        case .refused(let error), .noSuchObject(let error): self = .closed(reason: error.code)
        case .notAllowed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The answer to a query of a refund that was made in the dashboard.
    init(found outcome: StripeOutcome, _ refund: RefundRequest) {
        switch outcome {
        case .done(let body): self.init(StripeJSON.decode(StripeRefund.self, from: body), refund)
        case .noSuchObject: self = .noSuchRefund
        case .refused, .notAllowed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The answer to a query of all refunds of the payment. Ours carries its number in the metadata.
    init(listed refunds: StripeRefunds, _ refund: RefundRequest) {
        switch refunds {
        case .listed(let refunds, let isWhole):
            guard let named = StripeRefunds.named(refund.number, in: refunds, { $0.isRefund(refund) }) else {
                self = isWhole ? .noSuchRefund : .unknown(.answered(.otherTrade))
                return
            }
            self = named.isSound ? RefundAnswer(named.refund) : .unknown(.answered(.otherTrade))
        case .failed(.noSuchObject): self = .noSuchRefund
        case .failed(let outcome): self = .unknown(outcome.doubt)
        }
    }

    private init(_ made: StripeRefund?, _ refund: RefundRequest) {
        guard let made else {
            self = .unknown(.answered(.unreadable))
            return
        }
        self = made.isRefund(refund) ? RefundAnswer(made) : .unknown(.answered(.otherTrade))
    }

    /// Stripe does not tell when a refund succeeded: the time is when it was created. A bank may send the money back
    /// after that, so that a refund fails after it succeeded.
    init(_ refund: StripeRefund) {
        switch refund.standing {
        case .succeeded: self = .succeeded(at: refund.createdAt)
        case .underWay: self = .submitted
        case .waitsForBalance: self = .held(ProviderError(code: StripeRefund.balanceReason, weight: .balance))
        case .unclear: self = .unknown(.answered(.unreadable))
        case .failed: self = .closed(reason: "failed")
        case .canceled: self = .closed(reason: "canceled")
        }
    }
}

extension ForeignRefundAnswer {
    /// The answer to a query by Stripe's id. `now` becomes the time of a refund whose own time is unreadable.
    init(
        _ outcome: StripeOutcome, _ id: String, of trade: TradeReference, payment: TransactionID, at now: Instant
    ) {
        switch outcome {
        case .done(let body):
            guard let refund = StripeJSON.decode(StripeRefund.self, from: body), refund.object == "refund" else {
                self = .unknown(outcome.doubt)
                return
            }
            self.init(refund, id, isSound: refund.id == id, of: trade, payment: payment, at: now)
        case .noSuchObject: self = .noSuchRefund
        case .refused, .notAllowed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The answer to a query by a number of ours, which an order has lost with a part of its database.
    init(
        listed refunds: StripeRefunds, _ number: String, of trade: TradeReference, payment: TransactionID,
        at now: Instant
    ) {
        switch refunds {
        case .listed(let refunds, let isWhole):
            guard let named = StripeRefunds.named(number, in: refunds, { $0.object == "refund" }) else {
                self = isWhole ? .noSuchRefund : .unknown(.answered(.otherTrade))
                return
            }
            self.init(named.refund, number, isSound: named.isSound, of: trade, payment: payment, at: now)
        case .failed(.noSuchObject): self = .noSuchRefund
        case .failed(let outcome): self = .unknown(outcome.doubt)
        }
    }

    private init(
        _ refund: StripeRefund, _ number: String, isSound: Bool, of trade: TradeReference, payment: TransactionID,
        at now: Instant
    ) {
        guard isSound, refund.payment_intent?.text == payment.text else {
            self = .unknown(.answered(.otherTrade))
            return
        }
        let refundedAt: Instant?
        switch RefundAnswer(refund) {
        case .succeeded(let at): refundedAt = at ?? now
        case .submitted, .held: refundedAt = nil
        case .closed, .refused, .noSuchRefund:
            self = .noSuchRefund
            return
        case .unknown(let doubt):
            self = .unknown(doubt)
            return
        }
        let found = ForeignRefund(
            number: number, of: trade, payment: payment.text, amount: refund.amount ?? 0,
            currencyCode: refund.currency.map(StripeCurrency.code) ?? "", refundedAt: refundedAt)
        self = found.map { .found($0) } ?? .unknown(.answered(.unreadable))
    }
}

extension StripeRefund {
    /// Ordered by weight: a refund that may be in progress outweighs one that failed.
    enum Standing: Int, Comparable {
        case failed, canceled, unclear, waitsForBalance, underWay, succeeded

        static func < (left: Standing, right: Standing) -> Bool { left.rawValue < right.rawValue }
    }

    /// The pending reason of a refund that waits until the merchant tops up the balance.
    static let balanceReason = "insufficient_funds"

    var standing: Standing {
        switch status {
        case "succeeded": .succeeded
        case "pending" where pending_reason == Self.balanceReason: .waitsForBalance
        case "pending", "requires_action": .underWay
        case "failed": .failed
        case "canceled": .canceled
        default: .unclear
        }
    }

    /// Nil if the time is missing or out of range.
    var createdAt: Instant? { created.flatMap(Instant.init(stripeSeconds:)) }

    /// The number that Paypage gave it; nil for a refund that was made in the dashboard or by another application.
    var ownNumber: OwnRefundNumber? { metadata?.refund_no.flatMap(OwnRefundNumber.init) }

    /// Whether it is that refund, with the same payment and amount. A refund of the dashboard is known by its id.
    fileprivate func isRefund(_ refund: RefundRequest) -> Bool {
        let isNamed = refund.cause.isOurs ? metadata?.refund_no == refund.number : isNamed(refund.number)
        return object == "refund" && isNamed && payment_intent?.text == refund.transactionID.text
            && amount == refund.money.amount && currency != nil
            && currency == StripeCurrency.wire(refund.money.currency)
    }

    private func isNamed(_ number: String) -> Bool { id == number || metadata?.refund_no == number }
}
