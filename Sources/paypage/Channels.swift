public import ArgumentParser
import Foundation
public import PayCore
import SQLiteStore

struct Channels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the channels, and keeps one from making new attempts.",
        subcommands: [List.self, Pause.self, Resume.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the channels of the settings and of the database.",
            discussion: "Reads database.url, the names of the channels, and channels.NAME.accept from the settings.")

        @Option(help: "A YAML or JSON file with settings.")
        var config: String?

        func run() async throws {
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let pauses = try await ledger.channelPauses()
            let work = try await ledger.channelsAtWork()
            try ledger.close()
            let accepts = try settings()
            let all = Set(accepts.keys).union(pauses.keys).union(work.map(\.channel)).sorted()
            let rows = all.map { channel in
                let work = work.first { $0.channel == channel }
                return [
                    channel.name, Self.words(accepts[channel], pausedAt: pauses[channel]), "\(work?.attempts ?? 0)",
                    "\(work?.refunds ?? 0)",
                ]
            }
            let head = ["CHANNEL", "NEW ATTEMPTS", "MAY TAKE MONEY", "REFUNDS UNDER WAY"]
            print(rows.isEmpty ? "no channels" : TextTable(head: head, rows: rows).text)
        }

        private func settings() throws -> [Channel: Bool] {
            do {
                return try Settings.channels(
                    environment: ProcessInfo.processInfo.environment, configFile: config)
            } catch {
                throw CommandFailure("the configuration has mistakes:\n\(error)")
            }
        }

        private static func words(_ accepts: Bool?, pausedAt: Instant?) -> String {
            if let pausedAt {
                let time = UTCTime(pausedAt)
                return "paused since \(time.day) \(time.time)"
            }
            return switch accepts {
            case true?: "yes"
            case false?: "no: channels.NAME.accept"
            case nil: "not configured here"
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keeps a channel from making new attempts; it goes on with those that it has.",
            discussion: "Works beside a running service, at once and until it is resumed.")

        @Argument(help: "The channel's name.")
        var channel: Channel

        @Option(help: "A YAML or JSON file with settings; database.url is all that is read of it.")
        var config: String?

        func run() async throws {
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let isNews = try await ledger.pause(channel, at: SystemClock().now())
            try ledger.close()
            print(
                isNews
                    ? "\(channel) is paused: it makes no new attempts, and goes on with those that it has"
                    : "\(channel) was paused before")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets a paused channel make new attempts again.")

        @Argument(help: "The channel's name.")
        var channel: Channel

        @Option(help: "A YAML or JSON file with settings; database.url is all that is read of it.")
        var config: String?

        func run() async throws {
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let wasPaused = try await ledger.resume(channel)
            try ledger.close()
            print(wasPaused ? "\(channel) makes new attempts again" : "\(channel) was not paused")
        }
    }
}

extension Channel: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
