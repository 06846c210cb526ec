import ArgumentParser
import Foundation
import PayAPI
import PayAccess
import PayCore

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the API keys of the settings, and makes a new one.",
        subcommands: [List.self, New.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the name, the end and the fingerprint of each API key, and no key.",
            discussion: """
                Reads api.keys from the variables and the file, which may be newer than those of a running service. A \
                fingerprint is the beginning of a key's SHA-256: printf %s KEY | sha256sum.
                """)

        @OptionGroup var output: OutputOption

        @Option(help: "The YAML or JSON file of the service; only api.keys is read.")
        var config: String?

        func run() throws {
            let keys: [MerchantKey]
            do {
                keys = try Settings.apiKeys(environment: ProcessInfo.processInfo.environment, configFile: config)
            } catch {
                throw CommandFailure("the configuration has mistakes:\n\(error)")
            }
            let now = SystemClock().now()
            output.print(
                text: APIKeyTable(keys, at: now).text, json: APIKeyListJSON(keys: keys.map { .init($0, at: now) }))
        }
    }

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a new random API key, and the entry for api.keys. Changes nothing.")

        @Option(help: "The key's name: up to 32 letters, digits, - and _.")
        var name: String?

        @OptionGroup var output: OutputOption

        func run() throws {
            let key = RandomSecret.make()
            let entry = name.map { "\($0):\(key)" } ?? key
            do {
                _ = try SettingRules.apiKey(entry)
            } catch {
                throw CommandFailure("--name \(error.problem); \(error.remedy)")
            }
            output.print(
                text: "key    \(key)\nentry  \(entry)\n\nAdd the entry to api.keys, then run paypage reload.",
                json: NewAPIKeyJSON(key: key, entry: entry))
        }
    }
}

extension Settings {
    /// The API keys alone, for a command beside the service.
    static func apiKeys(
        environment: [String: String], configFile: String?
    ) throws(SettingsMistakes) -> [MerchantKey] {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var reader = SettingsReader(sources, dev: false, randomSecret: { "" })
        guard let keys = reader.apiKeys() else { throw SettingsMistakes(all: reader.mistakes) }
        return keys
    }
}

/// The table of `paypage keys list`.
struct APIKeyTable {
    let text: String

    init(_ keys: [MerchantKey], at now: Instant) {
        text =
            TextTable(
                head: ["NAME", "ENDS", "FINGERPRINT"],
                rows: keys.map { key in
                    let end = key.endsAt.map { end in
                        let time = UTCTime(end)
                        return "\(time.day) \(time.time)" + (end <= now ? " (has ended)" : "")
                    }
                    return [key.name.text, end ?? "never", key.fingerprint]
                }
            ).text
    }
}

/// The JSON of `paypage keys list`.
private struct APIKeyListJSON: Encodable {
    struct Entry: Encodable {
        let name: String
        let ends_at: Timestamp?
        let has_ended: Bool
        let fingerprint: String

        init(_ key: MerchantKey, at now: Instant) {
            name = key.name.text
            ends_at = key.endsAt.map(Timestamp.init)
            has_ended = key.endsAt.map { $0 <= now } ?? false
            fingerprint = key.fingerprint
        }
    }

    let keys: [Entry]
}

private struct NewAPIKeyJSON: Encodable {
    let key: String
    let entry: String
}
