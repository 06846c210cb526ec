public import ArgumentParser
import Foundation
public import PayCore
import PayFlow

struct Deliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the webhooks to the shop, and sends them again.",
        subcommands: [List.self, Resend.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints webhooks with their state, the latest first.")

        @Option(help: "Only webhooks in this state: pending, delivered or parked.")
        var state: DeliveryState?

        @Option(help: "Only webhooks of the order with this out_trade_no.")
        var order: OrderNumber?

        @Option(help: "The most webhooks to print, 1 to 10000.")
        var limit = 50

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let listing = DeliveryListing(state: state, order: order, limit: limit)
            let records = try await CommandDatabase.with(config: config) { try await $0.deliveries(listing) }
            output.print(text: DeliveryTable(records).text, json: DeliveryListJSON(records))
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

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard ids.isEmpty == parked else {
                throw ValidationError("name the webhooks by ID, or pass --parked for every parked one")
            }
        }

        func run() async throws {
            let report = try await CommandDatabase.with(config: config) { store in
                try await store.resendDeliveries(parked ? .everyParked : .these(ids), at: SystemClock().now())
            }
            for id in report.beingSent { print("\(id) is being sent now and was not queued") }
            print("\(report.due.count) queued; the service sends them once it runs with webhook.url")
            guard report.unknown.isEmpty else {
                let numbers = report.unknown.map(\.description).joined(separator: ", ")
                throw CommandFailure("no webhook \(numbers): paypage deliveries list prints the IDs")
            }
        }
    }
}

/// A table of webhooks.
struct DeliveryTable {
    private let records: [DeliveryRecord]

    init(_ records: [DeliveryRecord]) {
        self.records = records
    }

    var text: String {
        guard !records.isEmpty else { return "no webhooks" }
        let head = ["ID", "EVENT", "ORDER", "OCCURRED", "STATE", "TRIES", "LAST ANSWER"]
        return TextTable(head: head, rows: records.map(cells)).text
    }

    private func cells(_ record: DeliveryRecord) -> [String] {
        [
            "\(record.id)", record.kind.rawValue, "\(record.order)", time(record.occurredAt), state(record),
            "\(record.tries)", record.lastAnswer ?? "-",
        ]
    }

    private func state(_ record: DeliveryRecord) -> String {
        switch record.state {
        case .pending: "pending, next \(time(record.nextAt))"
        case .delivered: "delivered \(record.deliveredAt.map(time) ?? "")"
        case .parked: "parked"
        }
    }

    private func time(_ instant: Instant) -> String {
        Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000).formatted(.iso8601)
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
