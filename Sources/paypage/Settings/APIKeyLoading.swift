import PayAccess
import PayCore

extension SettingsReader {
    mutating func apiKeys() -> [MerchantKey]? {
        guard isSet(.apiKeys) else {
            if dev { return [MerchantKey(Secret(make(.apiKeys)))] }
            refuse(.apiKeys, Complaint("is not set", remedy: "set the API keys that the merchant sends, or use --dev"))
            return nil
        }
        guard let keys = list(.apiKeys, SettingRules.apiKey) else { return nil }
        if Set(keys.map { $0.secret.reveal() }).count < keys.count {
            refuse(.apiKeys, Complaint("has the same key twice", remedy: "remove one of the two entries"))
        }
        if Set(keys.map(\.name)).count < keys.count {
            refuse(.apiKeys, Complaint("has the same name twice", remedy: "give each key a name of its own"))
        }
        return keys
    }
}

extension SettingRules {
    /// A shorter API key is accepted, because the merchant chooses it, but a warning is logged.
    static let shortestStrongAPIKey = 16

    /// In characters.
    private static let longestKeyName = 32

    /// `KEY`, `NAME:KEY`, `KEY@END` or `NAME:KEY@END`.
    static func apiKey(_ text: String) throws(Complaint) -> MerchantKey {
        var rest = text[...]
        var name: PersonName?
        if let colon = rest.firstIndex(of: ":"), !rest[..<colon].contains("@") {
            name = try keyName(String(rest[..<colon]))
            rest = rest[rest.index(after: colon)...]
        }
        var endsAt: Instant?
        if let at = rest.firstIndex(of: "@") {
            endsAt = try keyEnd(String(rest[rest.index(after: at)...]))
            rest = rest[..<at]
        }
        guard String(rest).isVisibleASCII(1...Int.max), !rest.contains(":") else {
            let remedy = "set it to random visible ASCII characters without : and @ (openssl rand -hex 32)"
            throw Complaint("is not an API key", remedy: remedy)
        }
        return MerchantKey(Secret(String(rest)), name: name, endsAt: endsAt)
    }

    /// The text may be a part of a key, so it is not repeated.
    static func keyName(_ text: String) throws(Complaint) -> PersonName {
        guard text.isASCIIAlphanumeric(or: "_-", 1...longestKeyName), let name = PersonName(text) else {
            let remedy = "write NAME:KEY with up to \(longestKeyName) letters, digits, - and _ before the colon"
            throw Complaint("has a name that is not valid", remedy: remedy)
        }
        return name
    }

    /// The beginning of a day in UTC, or an exact time.
    private static func keyEnd(_ text: String) throws(Complaint) -> Instant {
        guard let end = CivilTime(rfc3339: text)?.instant ?? CivilTime(rfc3339: "\(text)T00:00:00Z")?.instant else {
            let remedy = "write KEY@2027-01-01 or KEY@2027-01-01T12:00:00Z; the key itself has no @"
            throw Complaint("has an end that is not a date", remedy: remedy)
        }
        return end
    }
}
