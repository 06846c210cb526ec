package import PayCore
package import PayFlow

extension SQLLedger {
    package func pausedChannels() async throws -> Set<Channel> {
        Set(try await channelPauses().keys)
    }

    /// The paused channels, each with the start of its pause.
    package func channelPauses() async throws -> [Channel: Instant] {
        try await find { try ChannelRows.pauses($0) }
    }

    /// False if the channel was paused before.
    package func pause(_ channel: Channel, by actor: Actor, at now: Instant) async throws -> Bool {
        try await write(.statements) { db in
            guard try ChannelRows.pause(channel, at: now, db) else { return false }
            try AuditRows.append(AuditNote(actor, .channelPaused, on: channel.name), at: now, db)
            return true
        }
    }

    /// False if the channel was not paused.
    package func resume(_ channel: Channel, by actor: Actor, at now: Instant) async throws -> Bool {
        try await write(.statements) { db in
            guard try ChannelRows.resume(channel, db) else { return false }
            try AuditRows.append(AuditNote(actor, .channelResumed, on: channel.name), at: now, db)
            return true
        }
    }

    /// The provider types of the channels that were ever configured.
    package func channelKinds() async throws -> [Channel: ProviderKind] {
        try await find { try ChannelKindRows.kinds($0) }
    }

    /// Stores the provider types of the configured channels. Stores nothing if a type conflicts with stored attempts,
    /// and returns those conflicts. A channel without attempts takes its new type.
    package func keepKinds(_ kinds: [Channel: ProviderKind]) async throws -> [ProviderKindConflict] {
        try await write(.work(.channels)) { db in
            let conflicts = try ChannelKindRows.conflicts(with: kinds, db)
            if conflicts.isEmpty { try ChannelKindRows.store(kinds, db) }
            return conflicts
        }
    }

    /// The provider types that conflict with stored attempts, by channel. Changes nothing.
    package func kindConflicts(with kinds: [Channel: ProviderKind]) async throws -> [ProviderKindConflict] {
        try await read { try ChannelKindRows.conflicts(with: kinds, $0) }
    }

    /// The channels whose circuit is open in a running service, each since its opening.
    package func openCircuits(at now: Instant) async throws -> [Channel: Instant] {
        let conditions = try await find { try AttentionStatements.serviceConditions(at: now, $0) }
        let open = conditions.compactMap { condition -> (Channel, Instant)? in
            if case .circuitOpen(let channel) = condition.matter { (channel, condition.since) } else { nil }
        }
        return Dictionary(open) { first, _ in first }
    }

    /// The open work of each channel that has any.
    package func channelsAtWork() async throws -> [ChannelWork] {
        try await read { try ChannelRows.work($0) }
    }

    /// The open work of channels that were configured once, and are not among these. Without such a channel it reads no
    /// attempt, however many are open.
    package func channelsAtWork(except channels: Set<Channel>) async throws -> [ChannelWork] {
        try await read { db in
            let missing = try ChannelKindRows.kinds(db).keys.filter { !channels.contains($0) }
            return try missing.sorted().flatMap { try ChannelRows.work(of: $0, db) }
        }
    }
}
