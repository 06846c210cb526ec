public import ArgumentParser
import Foundation
import PayAPI
public import PayCore
import PayFlow

struct Deliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the webhooks to the shop, and sends them again.",
        subcommands: [List.self, Show.self, Resend.self, Recover.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints webhooks with their state, the latest first.")

        @Option(help: "Only webhooks in this state: pending, delivered or parked.")
        var state: DeliveryState?

        @Option(help: "Only webhooks of the order with this out_trade_no.")
        var order: OrderNumber?

        @Option(help: "Only webhooks to this endpoint.")
        var endpoint: EndpointName?

        @Option(help: "The most webhooks to print, 1 to 10000.")
        var limit = 50

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let listing = DeliveryListing(state: state, order: order, endpoint: endpoint, limit: limit)
            let records = try await CommandDatabase.with(config: config) { try await $0.deliveries(listing) }
            output.print(text: DeliveryTable(records).text, json: DeliveryListAnswer(records))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a webhook with its last tries and the endpoint's answers.")

        @Argument(help: "The ID of the webhook, as paypage deliveries list prints it.")
        var id: DeliveryID

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            guard let detail = try await CommandDatabase.with(config: config, { try await $0.delivery(id) }) else {
                throw CommandFailure("no webhook \(id): paypage deliveries list prints the IDs")
            }
            output.print(text: DeliveryReport(detail).text, json: DeliveryAnswerBody(detail))
        }
    }

    struct Recover: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Queues every webhook since a time to be sent again, also to an endpoint that is newer.",
            discussion: """
                Each event since the time is sent to each configured endpoint that it is for. An endpoint gets the events \
                of an order in their order. Use it after an endpoint lost messages, or to fill a new one.
                """)

        @Option(help: "Events at this time or later, such as 2026-11-22T10:00:00Z.")
        var since: TimeArgument

        @Option(help: "Only to this endpoint; every configured one when not set.")
        var endpoint: EndpointName?

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let report = try await CommandDatabase.with(config: config) { store in
                let names = try await store.endpoints().filter(\.isActive).map(\.entry.name)
                if let endpoint, !names.contains(endpoint) {
                    throw CommandFailure("no endpoint \(endpoint) is configured: paypage webhooks list prints them")
                }
                return try await store.recoverDeliveries(
                    since: since.instant, to: endpoint, by: try author.actor(), at: SystemClock().now())
            }
            output.print(
                text: "\(report.due + report.added) queued, \(report.added) of them for the first time",
                json: RecoverJSON(queued: report.due + report.added, new: report.added))
        }
    }

    struct Resend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Queues webhooks to be sent again, with a fresh set of retries.",
            discussion: "A webhook keeps its webhook-id and its bytes, so the shop can detect a duplicate.")

        @Argument(help: "The IDs of the webhooks, as paypage deliveries list prints them.")
        var ids: [DeliveryID] = []

        @Flag(help: "Every parked webhook: retries have ended.")
        var parked = false

        @OptionGroup var author: AuthorOptions

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard ids.isEmpty == parked else {
                throw ValidationError("name the webhooks by ID, or pass --parked for every parked one")
            }
        }

        func run() async throws {
            let report = try await CommandDatabase.with(config: config) { store in
                try await store.resendDeliveries(
                    parked ? .everyParked : .these(ids), by: try author.actor(), at: SystemClock().now())
            }
            let skipped = report.beingSent.map { "\($0) is being sent now and was not queued" }
            let queued = "\(report.due.count) queued; the service sends them once it runs with their endpoint"
            output.print(text: (skipped + [queued]).joined(separator: "\n"), json: ResendJSON(report))
            guard report.unknown.isEmpty else {
                let numbers = report.unknown.map(\.description).joined(separator: ", ")
                throw CommandFailure("no webhook \(numbers): paypage deliveries list prints the IDs")
            }
        }
    }
}

extension DeliveryState: ExpressibleByArgument {}

extension OrderNumber: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension DeliveryID: ExpressibleByArgument {
    public init?(argument: String) {
        guard let number = Int64(argument) else { return nil }
        self.init(number)
    }
}

extension EndpointName: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

/// The JSON of `paypage deliveries resend`.
struct ResendJSON: Encodable {
    let queued: [Int64]
    /// They were skipped.
    let being_sent: [Int64]
    let unknown: [Int64]

    init(_ report: ResendReport) {
        queued = report.due.map(\.number)
        being_sent = report.beingSent.map(\.number)
        unknown = report.unknown.map(\.number)
    }
}

/// The JSON of `paypage deliveries recover`.
struct RecoverJSON: Encodable {
    let queued: Int
    /// Those among them that the endpoint gets for the first time.
    let new: Int
}
