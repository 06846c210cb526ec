import PayCore
import PayFlow
import PostgresStore

extension SettingsReader {
    mutating func database() -> Settings.Database? {
        let address = value(.databaseURL, SettingRules.databaseAddress)
        let writesPerCommit = value(
            .databaseWritesPerCommit, SettingRules.count(upTo: SettingRules.mostWritesPerCommit))
        let lanes = value(.databaseLanes, SettingRules.count(upTo: SettingRules.mostLanes))
        let migration = value(.databaseMigrate, SettingRules.choice(_:) as Rule<Settings.MigrationTime>)
        let durability = value(.databaseDurability, SettingRules.choice(_:) as Rule<Durability>)
        let proofsPerSecond = value(
            .databaseProofsPerSecond, SettingRules.count(upTo: SettingRules.mostProofsPerSecond))
        guard let address, let writesPerCommit, let lanes, let migration, let durability, let proofsPerSecond
        else { return nil }
        return Settings.Database(
            address: address, writesPerCommit: writesPerCommit, lanes: lanes, migration: migration,
            durability: durability, proofsPerSecond: proofsPerSecond)
    }
}

extension SettingRules {
    /// With more, the first writer would wait too long for the last one.
    static let mostWritesPerCommit = 1_000
    /// Each lane is a connection and a thread.
    static let mostLanes = 64
    /// One question every 0.01 ms, which no connection reaches.
    static let mostProofsPerSecond = 100_000
    /// Each node has some eight connections to one server.
    static let mostNodes = 1_000

    static func count(upTo most: Int) -> Rule<Int> {
        { (text: String) throws(Complaint) in
            guard text.isASCIIDigits, let count = Int(text), (1...most).contains(count) else {
                throw Complaint("is not a valid number", remedy: "set it to a number from 1 to \(most)")
            }
            return count
        }
    }

    static func databaseAddress(_ text: String) throws(Complaint) -> DatabaseAddress {
        do {
            return try DatabaseAddress(parsing: text)
        } catch {
            switch error {
            case .unknownScheme:
                throw Complaint(
                    "is not the address of a database",
                    remedy: "write it as sqlite:PATH or postgresql://USER@HOST/DATABASE")
            case .notPath:
                throw Complaint("is not the path of a file", remedy: "write sqlite:PATH, such as sqlite:/var/lib/x.db")
            case .notURI:
                throw Complaint(
                    "is not a valid postgresql:// URI",
                    remedy: "write special characters of the user and the password as %XX, such as %40 for @")
            }
        }
    }
}
