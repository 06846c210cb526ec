/// A refund that the merchant requests.
public struct RefundWish: Hashable, Sendable {
    /// Nil if the merchant gave no number.
    public let number: RefundNumber?
    /// In minor units of the payment's currency; nil for all that is left.
    public let amount: Int64?
    public let reason: RefundReason?
    /// The amount that the merchant believes to be left; nil if it is not to be checked.
    public let refundable: Int64?

    public init(number: RefundNumber?, amount: Int64?, reason: RefundReason?, refundable: Int64?) {
        self.number = number
        self.amount = amount
        self.reason = reason
        self.refundable = refundable
    }
}

/// The outcome of a refund request.
public enum RefundDecision: Hashable, Sendable {
    case made(Refund)
    /// A refund of this number, with the same particulars, was requested before.
    case known(Refund)
    case refused(RefundRefusal)
}

/// Why a refund request is refused. The order of the cases is their precedence.
public enum RefundRefusal: Hashable, Sendable {
    /// A refund of this number has other particulars.
    case mismatch
    /// The number has the form of a number that Paypage makes for this order.
    case reservedNumber
    /// No payment pays the order.
    case notPaid(OrderStateName)
    /// Another amount is left than the merchant believes.
    case amountChanged(refundable: Int64)
    /// More than what is left.
    case tooMuch(refundable: Int64)
    /// The provider takes no more refunds of this payment.
    case tooMany(limit: Int, refundable: Int64)
}

extension Order {
    /// The receipt that pays the order; nil if it is not paid.
    public var payment: RecordedReceipt? { receipts.first { $0.standing == .honest } }

    /// How much of the order's payment has been returned, in minor units.
    public var refunded: Int64 {
        guard let payment else { return 0 }
        return sum(of: payment.receipt) { $0.state == .succeeded }
    }

    /// How much of the order's payment can still be refunded: the payment without every refund that has not failed.
    public var refundable: Int64 {
        payment.map { refundable(of: $0.receipt) } ?? 0
    }

    /// Stores the merchant's request for a refund. The sum of all refunds that have not failed never exceeds the payment.
    public mutating func requestRefund(
        _ wish: RefundWish, terms: RefundTerms = .unlimited, at now: Instant
    ) -> RefundDecision {
        if let number = wish.number {
            if let known = refunds.first(where: { $0.merchantNumber == number }) {
                return known.isAsked(by: wish) ? .known(known) : .refused(.mismatch)
            }
            if let own = OwnRefundNumber(number.text), own.trade.order == self.number {
                return .refused(.reservedNumber)
            }
        }
        guard let payment, let paid = payment.receipt.money else { return .refused(.notPaid(state.name)) }
        let left = refundable
        if let believed = wish.refundable, believed != left { return .refused(.amountChanged(refundable: left)) }
        let amount = wish.amount ?? left
        guard amount <= left, let money = Money(amount: amount, currency: paid.currency) else {
            return .refused(.tooMuch(refundable: left))
        }
        let ofTrade = refunds.filter { $0.tradeNumber == payment.receipt.tradeNumber }
        if let most = terms.mostPerTrade, ofTrade.count >= most {
            return .refused(.tooMany(limit: most, refundable: left))
        }
        let refund = Refund(
            number: freeNumber("m", of: payment.receipt.tradeNumber), merchantNumber: wish.number,
            tradeNumber: payment.receipt.tradeNumber, transactionID: payment.receipt.transactionID, money: money,
            cause: .merchant, reason: wish.reason, state: .pending, createdAt: now, askAt: now)
        refunds.append(refund)
        return .made(refund)
    }

    /// The rest of a payment, without every refund of it that has not failed.
    func refundable(of receipt: Receipt) -> Int64 {
        max(0, (receipt.money?.amount ?? 0) - wentBack(of: receipt))
    }

    /// The sum of all refunds of a payment that have not failed.
    func wentBack(of receipt: Receipt) -> Int64 { sum(of: receipt) { $0.state != .failed } }

    /// The receipt of the payment that a refund returns.
    func receipt(of refund: Refund) -> Receipt? {
        receipts.first {
            $0.receipt.tradeNumber == refund.tradeNumber && $0.receipt.transactionID == refund.transactionID
        }?.receipt
    }

    /// The channel that a refund goes back by: the one that the money came by.
    public func channel(of refund: Refund) -> Channel? {
        receipt(of: refund)?.channel ?? attempt(refund.tradeNumber)?.channel
    }

    private func sum(of receipt: Receipt, _ counts: (Refund) -> Bool) -> Int64 {
        refunds.filter {
            $0.tradeNumber == receipt.tradeNumber && $0.transactionID == receipt.transactionID && counts($0)
        }.reduce(0) { $0 + $1.money.amount }
    }
}

extension Refund {
    /// Whether a repeated request has the particulars of this refund. Left out means as before.
    fileprivate func isAsked(by wish: RefundWish) -> Bool {
        (wish.amount ?? money.amount) == money.amount && (wish.reason ?? reason) == reason
    }
}
