public import PayCore

/// The disputed receipts, for a person.
public protocol DisputeList: Sendable {
    /// Receipts that wait for a decision, the oldest first.
    func disputes(limit: Int) async throws -> [ListedDispute]

    /// The orders that have a receipt of this number, at any channel.
    func ordersWithReceipt(_ transactionID: TransactionID) async throws -> [OrderNumber]
}

/// A disputed receipt, with what its attempt expects.
public struct ListedDispute: Hashable, Sendable {
    public let recorded: RecordedReceipt
    public let expected: Money
    public let expectedChannel: Channel
    public let orderState: OrderStateName

    public init(recorded: RecordedReceipt, expected: Money, expectedChannel: Channel, orderState: OrderStateName) {
        self.recorded = recorded
        self.expected = expected
        self.expectedChannel = expectedChannel
        self.orderState = orderState
    }
}
