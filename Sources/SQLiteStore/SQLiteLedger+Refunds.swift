public import PayCore
public import PayFlow

extension SQLiteLedger: RefundList {
    public func refunds(in state: RefundState?, limit: Int) async throws -> [ListedRefund] {
        try await read { try RefundRows.list(in: state, limit: limit, $0) }
    }
}
