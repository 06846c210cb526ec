import PayCore
import PayFlow

extension Settings {
    /// The copies of the SQLite database that the service makes by itself.
    struct Backup: Sendable {
        let folder: String
        let every: Duration
        /// The copies that stay.
        let keep: Int
    }
}

extension SettingsReader {
    /// Nil without a mistake if no folder is set.
    mutating func backup(of database: DatabaseAddress?) -> Settings.Backup? {
        let folder = value(.backupDir, SettingRules.absolutePath)
        let every = value(.backupEvery, SettingRules.duration(from: .seconds(60), upTo: .seconds(7 * 86_400)))
        let keep = value(.backupKeep, SettingRules.count(upTo: SettingRules.mostBackups))
        guard let folder, let every, let keep else { return nil }
        if case .postgres = database {
            let remedy = "remove it, and back PostgreSQL up by its own tools (docs/operations/several-machines.md)"
            refuse(.backupDir, Complaint("is for SQLite, but database.url is PostgreSQL", remedy: remedy))
        }
        return Settings.Backup(folder: folder, every: every, keep: keep)
    }

    mutating func privacyRetention() -> Duration? {
        value(.privacyRetention, SettingRules.duration(from: .seconds(86_400), upTo: .seconds(36_500 * 86_400)))
    }
}

extension SettingRules {
    /// A folder with more copies is slow to list.
    static let mostBackups = 1_000

    /// The service's working folder is not the same everywhere.
    static func absolutePath(_ text: String) throws(Complaint) -> String {
        guard text.hasPrefix("/") else {
            throw Complaint("is not an absolute path", remedy: "write it from the root, such as /var/backups/paypage")
        }
        return text
    }
}
