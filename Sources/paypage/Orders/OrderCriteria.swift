public import ArgumentParser
import PayAPI
public import PayCore
public import PayFlow

/// The options of `paypage orders find`. They have the names of the query parameters of `GET /v1/payments`.
struct OrderCriteria: ParsableArguments {
    @Option(help: "The number of an attempt: out_trade_no, _ and a count.")
    var tradeNo: TradeNumber?

    @Option(help: "The provider's number of a payment.")
    var transactionId: TransactionID?

    @Option(help: "The number of a refund, the shop's own or the provider's.")
    var refundNo: RefundName?

    @Option(help: "Orders of this user.")
    var userId: UserID?

    @Option(help: "Orders in this state: new, paid, closed or expired.")
    var state: OrderStateName?

    @Option(help: "Orders created after this time, such as 2026-11-22T10:00:00Z.")
    var createdAfter: TimeArgument?

    @Option(help: "Orders created before this time.")
    var createdBefore: TimeArgument?

    @Option(help: "Orders changed after this time.")
    var updatedAfter: TimeArgument?

    var search: OrderSearch {
        OrderSearch(
            state: state, user: userId, trade: tradeNo, transaction: transactionId, refund: refundNo,
            createdAfter: createdAfter?.instant, createdBefore: createdBefore?.instant,
            updatedAfter: updatedAfter?.instant)
    }
}

/// The options of a list of orders.
struct OrderListPart: ParsableArguments {
    @Option(help: "The most orders to print, 1 to 10000.")
    var limit = 50

    @Option(help: "Go on behind an earlier list: the cursor that it ends with.")
    var cursor: OrderCursor?

    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        guard cursor.map({ $0.sequence == .latestFirst }) ?? true else {
            throw ValidationError("--cursor must be the cursor of an earlier list of this command")
        }
    }

    /// Prints the orders that fit, the latest first.
    func printOrders(_ search: OrderSearch) async throws {
        let listing = OrderListing(search, sequence: .latestFirst, limit: limit, after: cursor)
        let list = try await CommandDatabase.with(config: config) { try await $0.orders(listing) }
        output.print(text: OrderTable(list).text, json: OrderListJSON(list))
    }
}

/// A time on the command line, in RFC 3339.
struct TimeArgument: ExpressibleByArgument {
    let instant: Instant

    init?(argument: String) {
        guard let instant = Timestamp.parse(argument) else { return nil }
        self.instant = instant
    }
}

extension OrderStateName: ExpressibleByArgument {}

extension OrderCursor: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension TradeNumber: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension TransactionID: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension RefundName: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension UserID: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
