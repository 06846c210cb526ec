public import ArgumentParser
import Foundation
public import PayCore
import PayFlow
import SQLiteStore

struct Refunds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists refunds, and retries them.",
        subcommands: [List.self, Retry.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints refunds with their state, the latest first.")

        @Option(help: "Only refunds in this state: pending, submitted, needs_attention, succeeded or failed.")
        var state: RefundState?

        @Option(help: "The most refunds to print, 1 to 10000.")
        var limit = 50

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let refunds = try await ledger.refunds(in: state, limit: limit)
            try ledger.close()
            output.print(
                text: refunds.isEmpty ? "no refunds" : Self.table(refunds).text, json: RefundListJSON(refunds))
        }

        private static func table(_ refunds: [ListedRefund]) -> TextTable {
            TextTable(
                head: ["REFUND", "CHANNEL", "MONEY", "TRANSACTION", "SINCE", "STATE", "CODE"],
                rows: refunds.map { listed in
                    let refund = listed.refund
                    return [
                        refund.providerNumber, listed.channel.name, "\(refund.money)", "\(refund.transactionID)",
                        Date(timeIntervalSince1970: Double(refund.createdAt.milliseconds) / 1_000).formatted(.iso8601),
                        refund.state.rawValue, refund.providerCode ?? "",
                    ]
                })
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Retries a refund that failed or needs attention, under the same refund number.",
            discussion: "Works while the service runs: it calls the provider within a second.")

        @Argument(help: "The refund number, as paypage refunds list prints it.")
        var number: String

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let number = number
            let unknown = CommandFailure(
                "no refund \(number) that failed or needs attention: see paypage refunds list")
            guard let own = OwnRefundNumber(number) else { throw unknown }
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let now = SystemClock().now()
            let retry = try await ledger.update(own.trade.order, creating: nil, at: now) { order in
                Decision(order.retryRefund(own.number, at: now))
            }
            try ledger.close()
            switch retry {
            case .queued: break
            case .notWaiting, nil: throw unknown
            case .tooMuch(let left):
                throw CommandFailure(
                    "refund \(number) is more than the \(left) minor units that are left of its payment")
            }
            print("\(number) queued; the service retries it once it runs with its channel")
        }
    }
}

extension RefundState: ExpressibleByArgument {}
