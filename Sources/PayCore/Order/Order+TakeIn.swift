/// The outcome of a refund that was made in the provider's console.
public enum TakeInOutcome: Hashable, Sendable {
    /// It is stored as a refund with the cause `provider`.
    case takenIn(Refund)
    /// It was stored before, and this is what the report changed.
    case known(RefundOutcome)
    /// The order has no receipt for the refunded payment.
    case unknownPayment
    /// The order has another refund of that number.
    case otherRefund
}

extension Order {
    /// The refund that the provider knows, or has known, by this number; nil if it is none of this order.
    public func refund(providerNumber: String) -> Refund? {
        refundIndex(providerNumber: providerNumber).map { refunds[$0] }
    }

    public func knowsRefund(_ providerNumber: String) -> Bool { refund(providerNumber: providerNumber) != nil }

    /// Stores a refund that Paypage did not request. Money that went back is stored even if the sum of all refunds then
    /// exceeds the payment.
    public mutating func takeIn(_ foreign: ForeignRefund, at now: Instant) -> TakeInOutcome {
        if let index = refundIndex(providerNumber: foreign.number) {
            guard refunds[index].tradeNumber == foreign.tradeNumber,
                refunds[index].transactionID == foreign.transactionID, refunds[index].money == foreign.money
            else { return .otherRefund }
            guard refunds[index].providerNumber == foreign.number else { return .known(.contradicted) }
            let answer: RefundAnswer = foreign.refundedAt.map { .succeeded(at: $0) } ?? .submitted
            return .known(finishRefund(refunds[index].number, answer, at: now))
        }
        guard
            receipts.contains(where: {
                $0.receipt.tradeNumber == foreign.tradeNumber && $0.receipt.transactionID == foreign.transactionID
            })
        else { return .unknownPayment }
        refunds.append(
            Refund(
                number: foreign.number, tradeNumber: foreign.tradeNumber, transactionID: foreign.transactionID,
                money: foreign.money, cause: .provider, state: .submitted, createdAt: now, askAt: now))
        let index = refunds.endIndex - 1
        if let refundedAt = foreign.refundedAt { _ = succeed(index, refundedAt: refundedAt, at: now) }
        return .takenIn(refunds[index])
    }
}
