public import PayCore
public import PayFlow

extension SQLiteLedger: DisputeList {
    public func disputes(limit: Int) async throws -> [ListedDispute] {
        try await read { try DisputeStatements.list(limit: limit, $0) }
    }

    public func ordersWithReceipt(_ transactionID: TransactionID) async throws -> [OrderNumber] {
        try await read { try DisputeStatements.orders(with: transactionID, $0) }
    }
}
