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
