public import ArgumentParser
import Foundation
import Logging
import PayAPI
public import PayCore
import PayFlow

struct RunReconcile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compares a provider's bill of a day with the books, and lists the bills.",
        subcommands: [Run.self, List.self], defaultSubcommand: Run.self)

    /// The exit code for a day whose bill the provider does not give out yet.
    static let noBillYet = ExitCode(2)

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetches the bill of a day, and compares it with the books.",
            discussion: """
                Needs the settings of the service, because it calls the provider. Works while the service runs. Exits \
                with 2 if the provider does not give out the bill yet.
                """)

        @Option(help: "The channel's name.")
        var channel: PayCore.Channel

        @Option(help: "The day in China (UTC+8), as YYYY-MM-DD; yesterday when not given.")
        var date: BillDay?

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(name: .customLong("log-level"), help: "The lowest level of log lines on standard error.")
        var level: Logger.Level = .error

        @Option(help: "A YAML or JSON file with settings.")
        var config: String?

        func run() async throws {
            let clock = SystemClock()
            let actor = try author.actor()
            let day = date ?? BillDay(containing: clock.now()).previous
            let log = try LogOptions.parse(["--log-level", level.rawValue])
            let command = try await CommandFlows.load(
                config: config, logger: log.logger("paypage", clock: clock), clock: clock)
            let reconcile = command.settings.reconcile.flow(command.flows, command.ledger)
            let report = try await Self.report(reconcile, command.ledger, channel, day, by: actor)
            try await command.close()
            output.print(text: report.text, json: report.json)
            Output.flush()
            if let reason = report.failure { throw CommandFailure(reason) }
            if !report.fetched.isLoaded { throw RunReconcile.noBillYet }
        }

        private static func report(
            _ reconcile: Reconcile, _ ledger: any Store, _ channel: PayCore.Channel, _ day: BillDay, by actor: Actor
        ) async throws -> ReconcileReport {
            let progress = ProgressLines()
            let fetched = try await reconcile.fetch(channel, day, by: actor) { progress.tell("rows read", $0) }
            if fetched.isLoaded { try await reconcile.compare(channel) { progress.tell("rows compared", $0) } }
            let listing = BillListing(channel: channel, limit: 1, after: BillCursor(day: day.next, channel: channel))
            let bill = try await ledger.bills(listing).bills.first { $0.day == day }
            let open = try await ledger.openDifferences(of: channel).values.reduce(0, +)
            return ReconcileReport(channel: channel, day: day, fetched: fetched, bill: bill, openDifferences: open)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the bills with their rows, the latest day first.")

        @Option(help: "Only the bills of this channel.")
        var channel: PayCore.Channel?

        @Option(help: "The most bills to print, 1 to 10000.")
        var limit = 50

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let listing = BillListing(channel: channel, limit: limit)
            let list = try await CommandDatabase.with(config: config) { try await $0.bills(listing) }
            output.print(text: BillTable(list.bills).text, json: BillListAnswer(list))
        }
    }
}

/// The progress of a long command on standard error: a line for each 100,000 rows.
private struct ProgressLines: Sendable {
    private static let step = 100_000

    func tell(_ what: String, _ count: Int) {
        guard count >= Self.step, count % Self.step < Reconcile.batch else { return }
        FileHandle.standardError.write(Data("\(count) \(what)\n".utf8))
    }
}

extension BillDay: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
