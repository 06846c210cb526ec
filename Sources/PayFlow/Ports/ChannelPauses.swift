public import PayCore

/// The channels that an operator paused while the service runs.
public protocol ChannelPauses: Sendable {
    func pausedChannels() async throws -> Set<Channel>
}

/// The channels that take new attempts. A paused channel goes on with the attempts that it has.
public struct ChannelAcceptance: Sendable {
    private let switchedOff: Set<Channel>
    private let pauses: any ChannelPauses

    /// - Parameter switchedOff: the channels that the settings take out of service.
    public init(switchedOff: Set<Channel> = [], pauses: any ChannelPauses = NoPauses()) {
        self.switchedOff = switchedOff
        self.pauses = pauses
    }

    /// Whether the settings take the channel out of service. A pause may end before the buyer chooses; this does not.
    func isSwitchedOff(_ channel: Channel) -> Bool { switchedOff.contains(channel) }

    /// The channels that take no new attempt now.
    func refusing() async throws -> Set<Channel> {
        refusing(try await pauses.pausedChannels())
    }

    /// The same, with the paused channels that were just read.
    func refusing(_ paused: Set<Channel>) -> Set<Channel> { switchedOff.union(paused) }
}

/// No channel is ever paused.
public struct NoPauses: ChannelPauses {
    public init() {}

    public func pausedChannels() async throws -> Set<Channel> { [] }
}
