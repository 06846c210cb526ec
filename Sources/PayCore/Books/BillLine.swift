/// One payment or refund in a provider's bill.
public struct BillLine: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case payment, refund
    }

    public enum Status: String, CaseIterable, Sendable {
        /// The money moved.
        case succeeded
        /// The provider accepted the refund, and its bill never tells the outcome (WeChat Pay).
        case accepted
        /// The money did not move, or was moved back: a revoked payment, a failed refund.
        case failed
    }

    /// The place in the bill, from 1. With the bill it identifies the line.
    public let row: Int
    public let kind: Kind
    public let status: Status
    /// The merchant's number for the trade, in the provider's spelling. It need not be one of ours.
    public let tradeNumber: String
    /// The provider's number for the payment; nil if the bill does not tell it.
    public let transactionID: String?
    /// A refund's number as it was requested: one of ours, or any number of a refund made in the provider's console.
    /// Nil for a payment, and for a refund without a number.
    public let refundNumber: String?
    /// The provider's own number for the refund; nil if the bill does not tell it.
    public let providerRefundID: String?
    /// Above zero, in minor units, for a refund too.
    public let amount: Int64
    public let currencyCode: String
    /// The provider's fee in millionths of the major unit; nil if the bill does not tell it.
    public let feeMicros: Int64?
    /// When the provider took the money, or when it accepted or finished the refund.
    public let at: Instant

    public init(
        row: Int, kind: Kind, status: Status, tradeNumber: String, transactionID: String?, refundNumber: String? = nil,
        providerRefundID: String? = nil, amount: Int64, currencyCode: String, feeMicros: Int64?, at: Instant
    ) {
        self.row = row
        self.kind = kind
        self.status = status
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.refundNumber = refundNumber
        self.providerRefundID = providerRefundID
        self.amount = amount
        self.currencyCode = currencyCode
        self.feeMicros = feeMicros
        self.at = at.clamped
    }
}

/// One row of a provider's bill. Every row is one of these, and none is dropped.
public enum BillRow: Hashable, Sendable {
    case line(BillLine)
    /// A row that is not about a payment or a refund: a payout, a fee of the account. `type` is the provider's word.
    case other(row: Int, type: String)
    /// A row that the parser does not understand. `why` says which column, and never contains the row's text.
    case unreadable(row: Int, why: String)

    public var row: Int {
        switch self {
        case .line(let line): line.row
        case .other(let row, _), .unreadable(let row, _): row
        }
    }
}
