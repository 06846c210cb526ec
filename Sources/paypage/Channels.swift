public import ArgumentParser
import Foundation
public import PayCore
import PayFlow

struct Channels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the channels, and pauses or resumes one.",
        subcommands: [List.self, Pause.self, Resume.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the channels that are configured or have work in the database.",
            discussion: "Reads database.url, the names of the channels, and channels.NAME.accept from the settings.")

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings.")
        var config: String?

        func run() async throws {
            let (pauses, work, circuits, kinds) = try await CommandDatabase.with(config: config) { store in
                (
                    try await store.channelPauses(), try await store.channelsAtWork(),
                    try await store.openCircuits(at: SystemClock().now()), try await store.channelKinds()
                )
            }
            let configured = try ChannelNames.configured(config: config)
            let names = configured.map(\.channel)
            let others = Set(pauses.keys).union(work.map(\.channel)).subtracting(names).sorted()
            let channels = (names + others).map { channel in
                let named = configured.first { $0.channel == channel }
                let work = work.first { $0.channel == channel }
                return ListedChannel(
                    channel: channel, kind: named?.kind ?? kinds[channel], title: named?.title ?? .standard,
                    configuration: ChannelConfiguration(named), pausedAt: pauses[channel],
                    circuitOpenSince: circuits[channel], attempts: work?.attempts ?? 0, refunds: work?.refunds ?? 0)
            }
            output.print(text: ChannelTable(channels).text, json: ChannelListJSON(channels))
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pauses a channel: it creates no new attempts and finishes the ones it has.",
            discussion: "Takes effect at once, also while the service runs, and lasts until the channel is resumed.")

        @Argument(help: "The channel's name.")
        var channel: Channel

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let actor = try author.actor()
            let isNews = try await CommandDatabase.with(config: config) { store in
                try await store.pause(channel, by: actor, at: SystemClock().now())
            }
            output.print(
                text: isNews
                    ? "\(channel) is paused: it creates no new attempts and finishes the ones it has"
                    : "\(channel) was already paused",
                json: ChannelPauseJSON(channel, isPaused: true, changed: isNews))
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Resumes a paused channel.")

        @Argument(help: "The channel's name.")
        var channel: Channel

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let actor = try author.actor()
            let wasPaused = try await CommandDatabase.with(config: config) { store in
                try await store.resume(channel, by: actor, at: SystemClock().now())
            }
            output.print(
                text: wasPaused ? "\(channel) creates new attempts again" : "\(channel) was not paused",
                json: ChannelPauseJSON(channel, isPaused: false, changed: wasPaused))
        }
    }
}

/// The channels in the settings, for a command beside the service.
enum ChannelNames {
    /// The configured channels, in the standard order.
    static func configured(config: String?) throws -> [NamedChannel] {
        do {
            return try Settings.channels(environment: ProcessInfo.processInfo.environment, configFile: config)
        } catch {
            throw CommandFailure("the configuration has mistakes:\n\(error)")
        }
    }
}

extension Channel: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
