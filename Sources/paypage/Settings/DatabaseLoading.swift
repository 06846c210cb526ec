import PayCore
import PayFlow

extension SettingsReader {
    mutating func database() -> Settings.Database? {
        let address = value(.databaseURL, SettingRules.databaseAddress)
        let writesPerCommit = value(.databaseWritesPerCommit, SettingRules.writesPerCommit)
        guard let address, let writesPerCommit else { return nil }
        return Settings.Database(address: address, writesPerCommit: writesPerCommit)
    }
}

extension SettingRules {
    /// With more, the first writer would wait too long for the last one.
    private static let mostWritesPerCommit = 1_000

    static func writesPerCommit(_ text: String) throws(Complaint) -> Int {
        guard text.isASCIIDigits, let count = Int(text), (1...mostWritesPerCommit).contains(count) else {
            throw Complaint("is not a valid number", remedy: "set it to a number from 1 to \(mostWritesPerCommit)")
        }
        return count
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
