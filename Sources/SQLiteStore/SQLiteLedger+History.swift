public import PayCore
public import PayFlow

extension SQLiteLedger: History {
    public func history(of order: OrderNumber) async throws -> [HistoryEntry] {
        try await read { try HistoryStore.load(of: order, $0) }
    }
}
