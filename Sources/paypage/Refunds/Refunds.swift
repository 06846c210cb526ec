public import ArgumentParser
import PayCore
import PayFlow

struct Refunds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists refunds, requests one, and retries one.",
        subcommands: [List.self, Show.self, RefundsCreate.self, Retry.self])

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
            let refunds = try await CommandDatabase.with(config: config) { store in
                try await store.refunds(in: state, limit: limit)
            }
            output.print(text: RefundTable(refunds).text, json: RefundListJSON(refunds))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints one refund.")

        @OptionGroup var choice: RefundChoice

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let (order, refund) = try await CommandDatabase.with(config: config) { try await choice.refund(in: $0) }
            output.print(
                text: RefundReport(refund, of: order).text, json: RefundListJSON.Entry(refund, of: order))
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Retries a refund that failed or needs attention.",
            discussion: """
                The refund keeps its number, unless the provider has closed the refund under it. Works while the service \
                runs: it calls the provider within a second.
                """)

        @OptionGroup var choice: RefundChoice

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let actor = try author.actor()
            let result = try await CommandDatabase.with(config: config) { store in
                let (order, refund) = try await choice.refund(in: store)
                let retry = RetryRefund(decisions: store, clock: SystemClock())
                return try await retry(refund.number, of: order.number, by: actor)
            }
            let (retried, of) = try queued(result)
            output.print(
                text: "\(retried.providerNumber) queued; the service retries it once it runs with its channel",
                json: RefundListJSON.Entry(retried, of: of))
        }

        private func queued(_ result: RefundRetryResult) throws(CommandFailure) -> (Refund, Order) {
            switch result {
            case .queued(let refund, let order): return (refund, order)
            case .noSuchOrder, .noSuchRefund: throw CommandFailure(choice.unknown)
            case .tooMuch(let left):
                throw CommandFailure(
                    "refund \(PlainText(choice.number)) is more than the \(left) minor units that are left to refund")
            case .notWaiting(let refund):
                throw CommandFailure(
                    refund.state == .failed
                        ? "refund \(PlainText(choice.number)) was made in the provider's console: make it there again"
                        : "refund \(PlainText(choice.number)) is \(refund.state.rawValue): "
                            + "only one that failed or needs attention is retried")
            }
        }
    }
}

extension RefundState: ExpressibleByArgument {}
