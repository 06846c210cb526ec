public import PayCore

/// The stored facts about channels, for the start of the service and for an operator.
public protocol ChannelStore: ChannelPauses {
    /// The paused channels, each with the start of its pause.
    func channelPauses() async throws -> [Channel: Instant]

    /// Pauses the channel, and stores who did it. False, and stores nothing, if the channel was paused before.
    func pause(_ channel: Channel, by actor: Actor, at now: Instant) async throws -> Bool

    /// Resumes the channel, and stores who did it. False, and stores nothing, if the channel was not paused.
    func resume(_ channel: Channel, by actor: Actor, at now: Instant) async throws -> Bool

    /// The provider types of the channels that were ever configured.
    func channelKinds() async throws -> [Channel: ProviderKind]

    /// Stores the provider types of the configured channels. Stores nothing if a type conflicts with stored attempts,
    /// and returns those conflicts. A channel without attempts takes its new type.
    func keepKinds(_ kinds: [Channel: ProviderKind]) async throws -> [ProviderKindConflict]

    /// The provider types that conflict with stored attempts, by channel. Changes nothing.
    func kindConflicts(with kinds: [Channel: ProviderKind]) async throws -> [ProviderKindConflict]

    /// The channels whose circuit is open in a running service, each since its opening.
    func openCircuits(at now: Instant) async throws -> [Channel: Instant]

    /// The open work of each channel that has any.
    func channelsAtWork() async throws -> [ChannelWork]

    /// The same for channels that were configured once, and are not among these. Each start calls it: the cost does not
    /// depend on the work of the others.
    func channelsAtWork(except channels: Set<Channel>) async throws -> [ChannelWork]
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
