public import ArgumentParser
import Logging
public import PayCore
import PayFlow
import PayTelemetry

struct Disputes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists disputed payments, and decides one.",
        discussion: """
            A payment is disputed if its amount, currency or account does not match the attempt. It is judged again by \
            itself when the provider reports it with matching particulars.
            """,
        subcommands: [List.self, Accept.self, Refund.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the payments that wait for a decision, the oldest first.")

        @Option(help: "The most payments to print, 1 to 10000.")
        var limit = 50

        @OptionGroup var output: OutputOption

        @Option(help: "A YAML or JSON file with settings; only database.url is read.")
        var config: String?

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let disputes = try await CommandDatabase.with(config: config) { try await $0.disputes(limit: limit) }
            output.print(text: DisputeTable(disputes).text, json: DisputeListJSON(disputes))
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accepts a disputed payment: it counts as if it arrived now.",
            discussion: """
                It pays a new order. For any other order it is a duplicate or late payment, which is refunded. Each \
                payment is decided once.
                """)

        @OptionGroup var ruling: RulingOptions

        func run() async throws {
            try await ruling.decide(.accept)
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refunds a disputed payment: all that has not gone back yet.",
            discussion: """
                Works while the service runs: it calls the provider within a second. Each payment is decided once.
                """)

        @OptionGroup var ruling: RulingOptions

        func run() async throws {
            try await ruling.decide(.refund)
        }
    }
}

/// The options of a decision about a disputed payment.
struct RulingOptions: ParsableArguments {
    @Argument(help: "The provider's number of the payment, as paypage disputes list prints it.")
    var transaction: TransactionID

    @Option(help: "Why, up to 200 characters. It is stored in the order's history.")
    var reason: RulingReason

    @OptionGroup var author: AuthorOptions

    @Option(help: "The order's out_trade_no, if several orders have a payment of this number.")
    var order: OrderNumber?

    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func decide(_ verdict: DisputeVerdict) async throws {
        let actor = try author.actor()
        let decided = try await CommandDatabase.with(config: config) { store in
            let number = try await onlyOrder(store)
            // The metrics and the log are the service's.
            let decide = DecideDispute(
                decisions: store, clock: SystemClock(),
                observer: FlowTelemetry(logger: Logger(label: "paypage") { _ in SwiftLogNoOpLogHandler() }))
            let ruling = DisputeRuling(verdict, by: actor.name, reason: reason)
            let result = try await decide(ruling, on: transaction, of: number, by: actor)
            return try DecidedDispute(result, transaction, number)
        }
        output.print(text: decided.text, json: OrderJSON(decided.order))
    }

    private func onlyOrder(_ list: any DisputeList) async throws -> OrderNumber {
        if let order { return order }
        let orders = try await list.ordersWithReceipt(transaction)
        guard let first = orders.first else { throw CommandFailure(DecidedDispute.unknown(transaction)) }
        guard orders.count == 1 else {
            let lines = orders.map { "  --order \($0)" }
            throw CommandFailure(
                (["\(orders.count) orders have a payment \(PlainText(transaction.text)), add one of:"] + lines)
                    .joined(separator: "\n"))
        }
        return first
    }
}

/// The outcome of a decision, in words for its operator.
struct DecidedDispute {
    let order: Order
    let text: String

    /// Throws an error that says how to go on, if the decision was refused.
    init(_ result: DisputeResult, _ transaction: TransactionID, _ number: OrderNumber) throws(CommandFailure) {
        let payment = "payment \(PlainText(transaction.text))"
        switch result {
        case .noSuchOrder:
            throw CommandFailure("no order \(number): check --order and database.url")
        case .decided(.refused(.noSuchReceipt), _):
            throw CommandFailure(Self.unknown(transaction))
        case .decided(.refused(.notDisputed(let standing)), let order):
            throw CommandFailure(
                "\(payment) of order \(order.number) is not disputed, or not any more: it is \(standing.rawValue)")
        case .decided(.refused(.notRefundable), _):
            throw CommandFailure(
                "the amount or currency of \(payment) is none that can be refunded here: use the provider's console")
        case .decided(.refused(.alreadyReturned), _):
            throw CommandFailure("the provider has already returned all of \(payment): accept it")
        case .decided(.refunded(let refund), let order):
            self.order = order
            text = "\(payment) goes back: refund \(refund.number) of \(refund.money) queued"
        case .decided(.accepted(let action), let order):
            self.order = order
            text = "\(payment) accepted: \(Self.words(for: action, order.number))"
        }
    }

    static func unknown(_ transaction: TransactionID) -> String {
        "no payment \(PlainText(transaction.text)): see paypage disputes list"
    }

    private static func words(for action: SettleAction, _ number: OrderNumber) -> String {
        switch action {
        case .paid: "order \(number) is paid"
        case .duplicate(let refund): "order \(number) was paid before, so that refund \(refund.number) is queued"
        case .late(let refund): "order \(number) is over, so that refund \(refund.number) is queued"
        case .returned: "the provider has returned all of it, so that it pays nothing"
        case .afterLastWord(let action): words(for: action, number)
        case .alreadyRecorded, .disputed, .unknownTrade: "nothing has changed"
        }
    }
}

extension RulingReason: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
