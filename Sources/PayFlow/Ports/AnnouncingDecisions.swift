public import PayCore

/// Decisions that are announced: to caches around the write, and to watchers after the commit. A write that was rolled
/// back is not announced to watchers.
public struct AnnouncingDecisions: OrderDecisions {
    private let decisions: any OrderDecisions
    private let live: any LiveStatus
    private let writes: any OrderWrites

    public init(_ decisions: any OrderDecisions, to live: any LiveStatus, around writes: any OrderWrites) {
        self.decisions = decisions
        self.live = live
        self.writes = writes
    }

    public func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        let outcome = try await write(number) {
            try await decisions.update(number, creating: draft, at: now, decide)
        }
        // With neither order nor draft there was nothing to decide.
        if outcome != nil { live.changed(number) }
        return outcome
    }

    public func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        guard let number = TradeNumber(notice.tradeNumber)?.order else {
            return try await decisions.record(notice, at: now, decide)
        }
        let action = try await write(number) { try await decisions.record(notice, at: now, decide) }
        live.changed(number)
        return action
    }

    private func write<Outcome>(
        _ number: OrderNumber, _ write: () async throws -> Outcome
    ) async throws -> Outcome {
        writes.began(on: number)
        defer { writes.ended(on: number) }
        return try await write()
    }
}
