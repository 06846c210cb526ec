import PayCore
import PayFlow
import PayRecords

/// The table `channels`: the provider type of each channel.
enum ChannelKindRows {
    private static let columns = Columns(table: "channels", names: ["name", "provider"])

    private static let selection = "SELECT \(columns.selected) FROM channels ORDER BY name"
    private static let insertion = """
        \(columns.insertion) ON CONFLICT (name) DO UPDATE SET provider = excluded.provider
        WHERE channels.provider <> excluded.provider
        """

    /// Scans all attempts if the channel has none, so it runs only for a channel whose type was changed.
    private static let anyAttempt = "SELECT EXISTS (SELECT 1 FROM attempts WHERE channel = ?)"

    static func kinds(_ db: any Connection) throws -> [Channel: ProviderKind] {
        let kinds = try db.prepared(selection).all { found in
            let row = StoredRow(columns, key: "of a channel", in: found)
            return (try row.value("name", Channel.init), try row.value("provider", ProviderKind.init))
        }
        return Dictionary(kinds) { first, _ in first }
    }

    /// Sorted by channel.
    static func conflicts(with kinds: [Channel: ProviderKind], _ db: any Connection) throws -> [ProviderKindConflict] {
        let stored = try self.kinds(db)
        return try kinds.sorted { $0.key < $1.key }.compactMap { channel, kind in
            guard let before = stored[channel], before != kind, try hasAttempt(channel, db) else { return nil }
            return ProviderKindConflict(channel: channel, stored: before, configured: kind)
        }
    }

    static func store(_ kinds: [Channel: ProviderKind], _ db: any Connection) throws {
        for (channel, kind) in kinds { try db.prepared(insertion).run([channel.name, kind.rawValue]) }
    }

    private static func hasAttempt(_ channel: Channel, _ db: any Connection) throws -> Bool {
        try db.prepared(anyAttempt).first([channel.name]) { $0.integer(0) == 1 } ?? false
    }
}
