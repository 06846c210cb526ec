public import ArgumentParser
import PayCore
public import PayFlow

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Prints who changed what, whichever way: by a command, the API or the console.",
        subcommands: [List.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the changes that people and the shop made by hand, the latest first.",
            discussion: "Entries are never changed or deleted.")

        @Option(help: "Only changes by this author: a person, an operator of the console, or an API key's name.")
        var actor: PersonName?

        @Option(help: "Only changes of this kind, such as refund.create.")
        var action: AuditAction?

        @Option(help: "Only changes of the order with this out_trade_no.")
        var order: OrderNumber?

        @Option(help: "Only changes before the one with this ID: the last of the list before.")
        var before: Int64?

        @Option(help: "The most changes to print, 1 to 10000.")
        var limit = 50

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            // One more than is printed shows whether the list goes on.
            let listing = AuditListing(actor: actor, action: action, order: order, before: before, limit: limit + 1)
            let found = try await CommandDatabase.with(config: config) { try await $0.auditEntries(listing) }
            let shown = Array(found.prefix(limit))
            let next = found.count > limit ? shown.last?.id : nil
            output.print(text: AuditTable(shown, next: next).text, json: AuditListJSON(shown, next: next))
        }
    }
}

extension AuditAction: ExpressibleByArgument {}
