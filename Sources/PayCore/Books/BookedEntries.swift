/// The bills in which booked money must appear. A missing bill is not an empty bill: money is missing only once all of
/// these bills are loaded.
public struct ExpectedBills: Hashable, Sendable {
    /// The clocks of both sides may differ by this much, and the books may have the time of a query.
    static let clockEdge = Duration.seconds(3_600)

    public let first: BillDay
    public let last: BillDay

    init(from start: Instant, to end: Instant) {
        first = min(BillDay(containing: start - Self.clockEdge), BillDay(containing: end))
        last = BillDay(containing: end).next
    }

    public var count: Int { Int(last.date.daysSince1970 - first.date.daysSince1970) + 1 }
}

extension RecordedReceipt {
    /// The bills in which the payment must appear; nil if the account's bills do not have it.
    public var expectedBills: ExpectedBills? {
        receipt.namesOurAccount ? ExpectedBills(from: receipt.paidAt, to: receipt.paidAt) : nil
    }

    /// The finding about a payment that no bill has.
    public var missingThere: DifferenceFinding {
        DifferenceFinding(
            .missingThere, .payment(receipt.transactionID.text), day: BillDay(containing: receipt.paidAt),
            order: receipt.tradeNumber.order, tradeNumber: receipt.tradeNumber.text,
            transactionID: receipt.transactionID.text, refundNumber: nil, here: BookedMoney(self), there: nil)
    }
}

extension Refund {
    /// The bills in which a refund that succeeded at `end` must appear. WeChat Pay's has it on the day of acceptance,
    /// other providers' on the day of its end.
    public func expectedBills(succeededAt end: Instant) -> ExpectedBills {
        ExpectedBills(from: min(requestedAt ?? createdAt, end), to: end)
    }

    /// The finding about a refund that no bill has.
    public func missingThere(succeededAt end: Instant) -> DifferenceFinding {
        DifferenceFinding(
            .refundMissingThere, .refund(providerNumber, of: tradeNumber.text), day: BillDay(containing: end),
            order: tradeNumber.order, tradeNumber: tradeNumber.text, transactionID: transactionID.text,
            refundNumber: providerNumber, here: BookedMoney(self), there: nil)
    }
}

extension Order {
    /// Whether the books still have the refund that no bill has: it may have failed since, or have another number.
    public func hasRefund(of missing: DifferenceFinding) -> Bool {
        refunds.contains {
            $0.state == .succeeded && $0.providerNumber == missing.refundNumber
                && $0.tradeNumber.text == missing.tradeNumber
        }
    }
}
