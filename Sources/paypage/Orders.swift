import ArgumentParser
import Foundation
import PayCore
import PayFlow
import SQLiteStore

struct Orders: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints orders from the database.", subcommands: [Show.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints an order with its attempts, pages, receipts, refunds and history.")

        @Argument(help: "The order's out_trade_no.")
        var number: String

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            guard let number = OrderNumber(number) else {
                throw ValidationError("an out_trade_no has 4 to 28 characters of 0-9, A-Z, a-z and _")
            }
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let order = try await ledger.order(number)
            let history = try await ledger.history(of: number)
            try ledger.close()
            guard let order else {
                throw CommandFailure("no order \(number): check the out_trade_no and database.url")
            }
            output.print(
                text: "\(OrderReport(order).text)\n\(HistoryReport(history, of: number).text)",
                json: OrderJSON(order, history: history))
        }
    }
}
