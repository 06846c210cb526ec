public import PayCore
public import PayFlow

extension SQLiteLedger: ChannelPauses {
    public func pausedChannels() async throws -> Set<Channel> {
        Set(try await channelPauses().keys)
    }

    /// The paused channels, each with the start of its pause.
    public func channelPauses() async throws -> [Channel: Instant] {
        try await find { try ChannelRows.pauses($0) }
    }

    /// False if the channel was paused before.
    public func pause(_ channel: Channel, at now: Instant) async throws -> Bool {
        try await write { try ChannelRows.pause(channel, at: now, $0) }
    }

    /// False if the channel was not paused.
    public func resume(_ channel: Channel) async throws -> Bool {
        try await write { try ChannelRows.resume(channel, $0) }
    }

    /// The provider types of the channels that were ever configured.
    public func channelKinds() async throws -> [Channel: ProviderKind] {
        try await find { try ChannelKindRows.kinds($0) }
    }

    /// Stores the provider types of the configured channels. Stores nothing if a type conflicts with stored attempts,
    /// and returns those conflicts. A channel without attempts takes its new type.
    public func keepKinds(_ kinds: [Channel: ProviderKind]) async throws -> [ProviderKindConflict] {
        try await write { db in
            let conflicts = try ChannelKindRows.conflicts(with: kinds, db)
            if conflicts.isEmpty { try ChannelKindRows.store(kinds, db) }
            return conflicts
        }
    }

    /// The provider types that conflict with stored attempts, by channel. Changes nothing.
    public func kindConflicts(with kinds: [Channel: ProviderKind]) async throws -> [ProviderKindConflict] {
        try await pool.read { try ChannelKindRows.conflicts(with: kinds, $0) }
    }

    /// The channels whose circuit is open in a running service, each since its opening.
    public func openCircuits(at now: Instant) async throws -> [Channel: Instant] {
        let conditions = try await find { try AttentionStatements.serviceConditions(at: now, $0) }
        let open = conditions.compactMap { condition -> (Channel, Instant)? in
            if case .circuitOpen(let channel) = condition.matter { (channel, condition.since) } else { nil }
        }
        return Dictionary(open) { first, _ in first }
    }

    /// The open work of each channel that has any.
    public func channelsAtWork() async throws -> [ChannelWork] {
        try await pool.read { try ChannelRows.work($0) }
    }
}

/// The open work of a channel, which only this channel can finish.
public struct ChannelWork: Hashable, Sendable {
    public let channel: Channel
    /// Attempts that may take money.
    public let attempts: Int
    /// Refunds under way.
    public let refunds: Int

    public init(channel: Channel, attempts: Int, refunds: Int) {
        self.channel = channel
        self.attempts = attempts
        self.refunds = refunds
    }
}

/// A channel whose configured provider type is not the one of its stored attempts.
public struct ProviderKindConflict: Hashable, Sendable {
    public let channel: Channel
    public let stored: ProviderKind
    public let configured: ProviderKind

    public init(channel: Channel, stored: ProviderKind, configured: ProviderKind) {
        self.channel = channel
        self.stored = stored
        self.configured = configured
    }
}
