public import PayCore
public import PayFlow

extension SQLiteLedger: ChannelStore {
    public func pausedChannels() async throws -> Set<Channel> {
        Set(try await channelPauses().keys)
    }

    public func channelPauses() async throws -> [Channel: Instant] {
        try await find { try ChannelRows.pauses($0) }
    }

    public func pause(_ channel: Channel, at now: Instant) async throws -> Bool {
        try await write { try ChannelRows.pause(channel, at: now, $0) }
    }

    public func resume(_ channel: Channel) async throws -> Bool {
        try await write { try ChannelRows.resume(channel, $0) }
    }

    public func channelKinds() async throws -> [Channel: ProviderKind] {
        try await find { try ChannelKindRows.kinds($0) }
    }

    public func keepKinds(_ kinds: [Channel: ProviderKind]) async throws -> [ProviderKindConflict] {
        try await write { db in
            let conflicts = try ChannelKindRows.conflicts(with: kinds, db)
            if conflicts.isEmpty { try ChannelKindRows.store(kinds, db) }
            return conflicts
        }
    }

    public func kindConflicts(with kinds: [Channel: ProviderKind]) async throws -> [ProviderKindConflict] {
        try await pool.read { try ChannelKindRows.conflicts(with: kinds, $0) }
    }

    public func openCircuits(at now: Instant) async throws -> [Channel: Instant] {
        let conditions = try await find { try AttentionStatements.serviceConditions(at: now, $0) }
        let open = conditions.compactMap { condition -> (Channel, Instant)? in
            if case .circuitOpen(let channel) = condition.matter { (channel, condition.since) } else { nil }
        }
        return Dictionary(open) { first, _ in first }
    }

    public func channelsAtWork() async throws -> [ChannelWork] {
        try await pool.read { try ChannelRows.work($0) }
    }
}
