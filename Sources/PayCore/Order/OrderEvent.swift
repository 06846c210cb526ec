/// An event of an order for the merchant. It is stored in the transaction that causes it.
public struct OrderEvent: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case orderPaid = "order.paid"
        case orderClosed = "order.closed"
        case orderExpired = "order.expired"
        case paymentDuplicate = "payment.duplicate"
        case paymentLate = "payment.late"
        case paymentReturned = "payment.returned"
        case paymentDisputed = "payment.disputed"
        case refundSucceeded = "refund.succeeded"
        case refundFailed = "refund.failed"
        case refundNeedsAttention = "refund.needs_attention"
        case reconciliationDifference = "reconciliation.difference"
    }

    public let kind: Kind
    /// The trade that the money came by; nil if the event is not about money.
    public let tradeNumber: TradeNumber?
    /// The provider's number for the payment; nil if the event is not about money.
    public let transactionID: TransactionID?
    /// The number that the refund is stored under; nil for every other event.
    public let refundNumber: String?
    /// The provider's code for why a refund does not succeed; nil for every other event.
    public let providerCode: String?
    /// The difference that the event is about; nil for every other event.
    public let differenceID: DifferenceID?
    public let at: Instant

    public init(
        kind: Kind, tradeNumber: TradeNumber?, transactionID: TransactionID?, refundNumber: String? = nil,
        providerCode: String? = nil, differenceID: DifferenceID? = nil, at: Instant
    ) {
        self.kind = kind
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.refundNumber = refundNumber
        self.providerCode = providerCode
        self.differenceID = differenceID
        self.at = at
    }
}
