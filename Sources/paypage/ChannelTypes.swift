import PayCore
import PayFlow

/// Checks that each channel has the provider type of its stored attempts: another provider knows no trade of them.
struct ChannelTypes {
    private let ledger: any ChannelStore
    private let configured: [Channel: ProviderKind]

    init(_ ledger: any ChannelStore, _ channels: ChannelList) {
        self.ledger = ledger
        configured = Dictionary(channels.entries.map { ($0.channel, $0.kind) }) { first, _ in first }
    }

    /// Stores the configured types. Throws if one of them conflicts with stored attempts.
    func keep() async throws {
        try Self.refuse(try await ledger.keepKinds(configured))
    }

    /// The same for a command beside the service, which stores nothing.
    func check() async throws {
        try Self.refuse(try await ledger.kindConflicts(with: configured))
    }

    private static func refuse(_ conflicts: [ProviderKindConflict]) throws(CommandFailure) {
        guard !conflicts.isEmpty else { return }
        throw CommandFailure(conflicts.map(complaint).joined(separator: "\n"))
    }

    private static func complaint(_ conflict: ProviderKindConflict) -> String {
        let name = conflict.channel.name
        return """
            channel \(name) is configured for the provider \(conflict.configured.rawValue), but its stored attempts are at \
            \(conflict.stored.rawValue); configure \(name) for \(conflict.stored.rawValue) again, and give the account at \
            \(conflict.configured.rawValue) another name
            """
    }
}
