public import ArgumentParser
import Foundation
public import PayCore
import PayFlow
import SQLiteStore

struct Deliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks at the messages to the shop, and has them sent again.",
        subcommands: [List.self, Resend.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints messages as they stand, the latest first.")

        @Option(help: "Only those that are pending, delivered or parked.")
        var state: DeliveryState?

        @Option(help: "Only those of the order with this out_trade_no.")
        var order: OrderNumber?

        @Option(help: "At most so many, up to 10000.")
        var limit = 50

        @Option(help: "A YAML or JSON file with settings; database.url is all that is read of it.")
        var config: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let records = try await ledger.deliveries(DeliveryListing(state: state, order: order, limit: limit))
            try ledger.close()
            print(DeliveryTable(records).text)
        }
    }

    struct Resend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has messages sent again, soon and with all their tries; beside a running service too.",
            discussion: "A message keeps its webhook-id and its bytes, so a shop that has it already can tell.")

        @Argument(help: "The numbers of the messages, as paypage deliveries list shows them.")
        var ids: [DeliveryID] = []

        @Flag(help: "Every message that was given up.")
        var parked = false

        @Option(help: "A YAML or JSON file with settings; database.url is all that is read of it.")
        var config: String?

        func validate() throws {
            guard ids.isEmpty == parked else {
                throw ValidationError("name the messages by their numbers, or all that were given up with --parked")
            }
        }

        func run() async throws {
            let ledger = try SQLiteLedger(path: DatabaseOption.migratedPath(config: config))
            let report = try await ledger.resendDeliveries(
                parked ? .everyParked : .these(ids), at: SystemClock().now())
            try ledger.close()
            for id in report.beingSent { print("\(id) is being sent just now, and was left alone") }
            print("\(report.due.count) to be sent again by the service, as soon as it runs with webhook.url")
            guard report.unknown.isEmpty else {
                let numbers = report.unknown.map(\.description).joined(separator: ", ")
                throw CommandFailure("there is no message \(numbers): paypage deliveries list shows those there are")
            }
        }
    }
}

/// Messages, told to a person, in columns.
struct DeliveryTable {
    private let records: [DeliveryRecord]

    init(_ records: [DeliveryRecord]) {
        self.records = records
    }

    var text: String {
        guard !records.isEmpty else { return "no messages" }
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
