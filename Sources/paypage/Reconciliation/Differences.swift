public import ArgumentParser
import Foundation
import PayAPI
public import PayCore
import PayFlow

struct Differences: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the differences between the bills and the books, and explains or closes them.",
        subcommands: [List.self, Explain.self, Close.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints differences, the latest first.")

        @Option(help: "Only differences in this state: open, explained or closed.")
        var state: DifferenceState?

        @Option(help: "Only differences of this channel.")
        var channel: PayCore.Channel?

        @Option(help: "Only differences of this kind, such as missing_here.")
        var kind: DifferenceKind?

        @Option(help: "Only differences of the order with this out_trade_no.")
        var order: OrderNumber?

        @Option(help: "The most differences to print, 1 to 10000.")
        var limit = 50

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let listing = DifferenceListing(state: state, channel: channel, kind: kind, order: order, limit: limit)
            let list = try await CommandDatabase.with(config: config) { try await $0.differences(listing) }
            output.print(text: DifferenceTable(list.differences).text, json: DifferenceListAnswer(list))
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Notes the reason of a difference.",
            discussion: "An explained difference is not open, and closes by itself when both sides agree.")

        @OptionGroup var decision: DecisionOptions

        func run() async throws { try await decision.run(.explain) }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Closes a difference for good.", discussion: "A closed difference is never opened again.")

        @OptionGroup var decision: DecisionOptions

        func run() async throws { try await decision.run(.close) }
    }
}

/// The options of a decision on a difference.
struct DecisionOptions: ParsableArguments {
    @Argument(help: "The number of the difference, as paypage differences list prints it.")
    var id: DifferenceID

    @Option(help: "The reason, for whoever reads the difference later.")
    var note: String

    @OptionGroup var author: AuthorOptions

    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func run(_ verdict: DifferenceDecision.Verdict) async throws {
        guard let note = DifferenceNote(note) else {
            throw ValidationError(
                "--note takes 1 to \(DifferenceNote.longest) characters without control characters")
        }
        let actor = try author.actor()
        let decision = DifferenceDecision(id, verdict, note: note, by: actor.name)
        let outcome = try await CommandDatabase.with(config: config) { store in
            try await store.decide(decision, by: actor, at: SystemClock().now())
        }
        switch outcome {
        case .decided(let difference):
            output.print(
                text: "difference \(id) is \(difference.state)", json: DifferenceAnswerBody(difference))
        case .alreadyClosed:
            throw CommandFailure("difference \(id) is closed, which is final")
        case nil:
            throw CommandFailure("no difference \(id): paypage differences list prints the numbers")
        }
    }
}

/// A table of differences.
struct DifferenceTable {
    private let differences: [RecordedDifference]

    init(_ differences: [RecordedDifference]) {
        self.differences = differences
    }

    var text: String {
        guard !differences.isEmpty else { return "no differences" }
        let head = ["ID", "DAY", "CHANNEL", "KIND", "TRADE", "NUMBER", "HERE", "THERE", "STATE", "NOTE"]
        return TextTable(head: head, rows: differences.map(cells)).text
    }

    private func cells(_ difference: RecordedDifference) -> [String] {
        let finding = difference.finding
        let row = difference.row.map { "row \($0)" }
        let number = finding.refundNumber ?? finding.transactionID ?? row ?? "-"
        return [
            "\(difference.id)", "\(finding.day)", difference.channel.name, finding.kind.rawValue,
            PlainText(finding.tradeNumber ?? "-").description, PlainText(number).description, money(finding.here),
            money(finding.there), state(difference),
            difference.decision.map { PlainText($0.note.text).description } ?? "-",
        ]
    }

    private func money(_ money: BookedMoney?) -> String {
        money.map { PlainText("\($0.amount) \($0.currencyCode) \($0.status)").description } ?? "-"
    }

    private func state(_ difference: RecordedDifference) -> String {
        difference.ending.map { "\(difference.state), \($0)" } ?? "\(difference.state)"
    }
}

extension DifferenceState: ExpressibleByArgument {}
extension DifferenceKind: ExpressibleByArgument {}

extension DifferenceID: ExpressibleByArgument {
    public init?(argument: String) {
        guard let number = Int64(argument) else { return nil }
        self.init(number)
    }
}
