import GRDB
public import PayCore

extension SQLiteLedger {
    /// Refunds as they stand, the latest first, with the channel that the money goes back by.
    public func refunds(
        in state: RefundState?, limit: Int
    ) async throws -> [(refund: Refund, channel: Channel)] {
        try await read { try RefundRows.list(in: state, limit: limit, $0) }
    }
}
