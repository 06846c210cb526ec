public import PayCore
public import PayFlow

extension SQLiteLedger: AttentionList {
    public func attention(at now: Instant, limit: Int) async throws -> Attention {
        try await read { try AttentionStatements.load(at: now, limit: limit, $0) }
    }
}

extension SQLiteLedger: ConditionReports {
    public func report(_ conditions: [ServiceCondition], of worker: WorkerID, at now: Instant) async throws {
        try await write { try ConditionRows.replace(conditions, of: worker, at: now, $0) }
    }
}
