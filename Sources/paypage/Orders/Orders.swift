import ArgumentParser
import Foundation
import PayCore
import PayFlow

struct Orders: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints orders from the database.", subcommands: [List.self, Find.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints orders, the latest first.")

        @Option(help: "Only orders in this state: new, paid, closed or expired.")
        var state: OrderStateName?

        @OptionGroup var part: OrderListPart

        func run() async throws {
            try await part.printOrders(OrderSearch(state: state))
        }
    }

    struct Find: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the orders that fit every given option, the latest first.",
            discussion: "paypage orders show takes any number of an order, and prints the whole order.")

        @OptionGroup var criteria: OrderCriteria

        @OptionGroup var part: OrderListPart

        func validate() throws {
            guard !criteria.search.isEmpty else {
                throw ValidationError("name at least one property, such as --transaction-id or --user-id")
            }
        }

        func run() async throws {
            try await part.printOrders(criteria.search)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints an order with its attempts, pages, receipts, refunds and history.",
            discussion: """
                The number may be the order's out_trade_no, or the number of an attempt (trade_no), of a payment (the \
                provider's transaction_id) or of a refund.
                """)

        /// More orders than these have no number in common, unless a merchant counts its refunds per order.
        private static let mostNamed = 20

        @Argument(help: "A number of the order.")
        var number: String

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func run() async throws {
            let (order, history) = try await CommandDatabase.with(config: config) { try await load(from: $0) }
            output.print(
                text: "\(OrderReport(order).text)\n\(HistoryReport(history, of: order.number).text)",
                json: OrderJSON(order, history: history))
        }

        private func load(from store: any Store) async throws -> (Order, [HistoryEntry]) {
            let named = try await store.ordersNamed(number, limit: Self.mostNamed)
            let number = try NamedOrders(named, number: number).onlyOrder()
            guard let order = try await store.order(number) else {
                throw CommandFailure("order \(number) is no longer in the database")
            }
            return (order, try await store.history(of: number))
        }
    }
}

/// The orders that a number led to.
struct NamedOrders {
    private let named: [NamedOrder]
    private let number: String

    init(_ named: [NamedOrder], number: String) {
        self.named = named
        self.number = number
    }

    /// Throws an error that says how to go on, if the number leads to no order or to several.
    func onlyOrder() throws(CommandFailure) -> OrderNumber {
        let orders = Set(named.map(\.order))
        guard let order = orders.first else {
            throw CommandFailure(
                "no order, attempt, payment or refund has the number \(PlainText(number)): check it and database.url")
        }
        guard orders.count == 1 else {
            let lines = named.map { "  paypage orders show \($0.order)  (\(words(for: $0.bearer)))" }
            throw CommandFailure(
                (["\(orders.count) orders have the number \(PlainText(number)), choose one:"] + lines)
                    .joined(separator: "\n"))
        }
        return order
    }

    private func words(for bearer: NamedOrder.Bearer) -> String {
        switch bearer {
        case .order: "its own number"
        case .attempt: "an attempt"
        case .payment(let channel): "a payment at \(channel)"
        case .refund(let trade): "a refund of \(trade)"
        }
    }
}
