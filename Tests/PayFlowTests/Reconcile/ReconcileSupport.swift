import PayCore
import PayFlow
import PayTestSupport
import Testing

/// A world whose sandbox has bills.
struct BooksWorld {
    let world: World
    let process: Process
    let bills: ScriptedBills
    let store: any Store
    let reconcile: Reconcile

    /// The flow of another process on the same database.
    func another(_ name: String) async throws -> Reconcile {
        Reconcile(
            try await world.process(name).flows, store: world.store, schedule: schedule,
            foreign: .report)
    }

    /// Fetches the bill and compares everything.
    @discardableResult
    func load(_ day: BillDay) async throws -> FetchedBill {
        // A bill is there only after its day.
        if world.clock.now() < day.end { world.move(to: day.end) }
        let fetched = try await reconcile.fetch(sandbox, day)
        if fetched.isLoaded { try await reconcile.compare(sandbox) }
        return fetched
    }

    func bill(_ day: BillDay = today) async throws -> RecordedBill {
        try #require(try await store.bills(BillListing(limit: 100)).bills.first { $0.day == day })
    }

    func differences(_ state: DifferenceState? = nil) async throws -> [RecordedDifference] {
        try await store.differences(DifferenceListing(state: state, limit: 1_000)).differences.reversed()
    }

    /// The kinds of the open differences, in the order in which they were opened.
    func open() async throws -> [DifferenceKind] { try await differences(.open).map(\.finding.kind) }

    /// The events that tell the merchant of differences.
    func told() async throws -> Int {
        try await store.deliveries(DeliveryListing(order: number, limit: 100))
            .count { $0.kind == .reconciliationDifference }
    }
}

/// The day on which the world begins.
let today = BillDay(containing: HandMovedClock().now())
let tomorrow = today.next
let schedule = BillSchedule(at: .seconds(10 * 3_600 + 30 * 60))

/// An order with a page that was not paid.
func withBooks(
    foreign: ForeignLines = .report, _ body: (BooksWorld) async throws -> Void
) async throws {
    try await withWorld { world in
        let process = try await world.withPage()
        let bills = ScriptedBills()
        world.sandbox.has(bills)
        let store = world.store
        let reconcile = Reconcile(process.flows, store: store, schedule: schedule, foreign: foreign)
        try await body(
            BooksWorld(world: world, process: process, bills: bills, store: store, reconcile: reconcile))
    }
}

/// The same, with the order paid.
func withPaidBooks(_ body: (BooksWorld) async throws -> Void) async throws {
    try await withBooks { books in
        await books.world.notify(receipt(), books.process)
        try await body(books)
    }
}

func paymentLine(
    _ row: Int = 1, _ transaction: String? = "tx-1", of trade: String = "\(first)", amount: Int64 = yuan.amount,
    _ status: BillLine.Status = .succeeded
) -> BillRow {
    .line(
        BillLine(
            row: row, kind: .payment, status: status, tradeNumber: trade, transactionID: transaction, amount: amount,
            currencyCode: "CNY", feeMicros: nil, at: HandMovedClock().now()))
}
