import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

struct UpdateTests {
    private struct Unwell: Error {}

    private let number = orderNumber("order_1")

    @Test(arguments: StoreKind.available)
    func `an update without order and draft returns nil`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let outcome = try await database.open().update(number, creating: nil, at: noon) { _ in
                Issue.record("decided on nothing")
                return Decision(true)
            }
            #expect(outcome == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a draft that the decision left unchanged is not stored`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let outcome = try await ledger.update(number, creating: draft("order_1"), at: noon) { _ in Decision(7) }
            #expect(outcome == 7)
            #expect(try await ledger.order(number) == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a draft is ignored if the order exists`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", fence: 5))
            let fence = try await ledger.update(number, creating: draft("order_1"), at: noon) { Decision($0.fence) }
            #expect(fence == Fence(5))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a decision that changed nothing writes nothing`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            let watcher = try database.tamper()
            let before = try watcher.writes()
            _ = try await ledger.update(number, creating: nil, at: at(9)) { Decision($0.state.name) }
            #expect(try watcher.writes() == before)
        }
    }

    @Test(arguments: StoreKind.available)
    func `an error of the decision rolls everything back`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1"))
            await #expect(throws: Unwell.self) {
                _ = try await ledger.update(number, creating: nil, at: noon) { order -> Decision<Int> in
                    order.fence = Fence(9)
                    throw Unwell()
                }
            }
            #expect(try await ledger.order(number) == order("order_1"))
            try await ledger.checkWritable()
        }
    }

    @Test(arguments: StoreKind.available)
    func `a violation of the schema rolls everything back, and its error has no values`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1"))
            let twoLive = order(
                "order_1", fence: 8,
                attempts: [
                    attempt(trade("order_1", 1), pages: [page(content: "a page's content")]),
                    attempt(trade("order_1", 2), .closing(closing), payer: Payer(openID: "o-secret")),
                ])
            let error = await #expect(throws: (any Error).self) { try await ledger.put(twoLive) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("attempts"))
            #expect(!text.contains("o-secret") && !text.contains("a page's content"))
            #expect(try await ledger.order(number) == order("order_1"))
        }
    }

    @Test(arguments: StoreKind.available)
    func `events are stored once each, in their order`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let first = trade("order_1", 1)
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            for transaction in ["tx-1", "tx-2", "tx-2", "tx-3"] {
                _ = try await ledger.update(number, creating: nil, at: at(61)) { order in
                    #expect(order.newEvents.isEmpty)
                    return Decision(try order.settle(receipt(first, transaction), at: at(61)))
                }
            }
            let kinds = try database.tamper().texts("SELECT kind FROM events ORDER BY id")
            #expect(kinds == ["order.paid", "payment.duplicate", "payment.duplicate"])
            let whole = try database.tamper().number(
                "SELECT count(*) FROM events WHERE order_number = 'order_1' AND trade_no = 'order_1_1'")
            #expect(whole == 3)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a write is finished even if its task was cancelled`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await ledger.put(order("order_1", fence: 3))
            }
            try await task.value
            #expect(try await ledger.order(number)?.fence == Fence(3))
        }
    }

    @Test(arguments: StoreKind.available)
    func `two processes that open one order make one attempt`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledgers = [try await database.open(), try await database.open()]
            let steps = try await withThrowingTaskGroup(of: OpeningStep?.self) { group in
                for worker in 0..<16 {
                    group.addTask {
                        try await ledgers[worker % 2].update(number, creating: draft("order_1"), at: noon) { order in
                            Decision(try order.beginOpening(Self.call(by: "worker-\(worker)"), at: noon))
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let creates = steps.filter { if case .create = $0 { true } else { false } }
            let waits = steps.filter { if case .wait = $0 { true } else { false } }
            #expect(creates.count == 1)
            #expect(waits.count == 15)
            #expect(try await ledgers[0].order(number)?.attempts.map(\.number) == [trade("order_1", 1)])
        }
    }

    private static func call(by worker: String) -> OpeningCall {
        let terms = TradeTerms(
            serves: [.pc], shortestLife: .refuseBelow(.seconds(60)), closeCanBeProven: true,
            numberMayBeAskedAgain: true, exposedCanBeRevived: false)
        return OpeningCall(
            wish: PageWish(channel: sandbox, terminal: .pc), clientIP: nil, takesStoredPage: true,
            notifyURL: "https://pay.example/v1/notices/sandbox",
            channels: [sandbox: ProviderTerms(trades: [.pc: terms])],
            rules: PayRules(
                deadlines: Deadlines(policy: .reserve, margin: .seconds(60)), switchPolicy: .allow,
                providerTimeout: .seconds(8)),
            worker: WorkerID(worker))
    }

    @Test(arguments: StoreKind.available)
    func `a closed ledger throws`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.checkWritable()
            try await ledger.close()
            await #expect(throws: (any Error).self) { try await ledger.checkWritable() }
            await #expect(throws: (any Error).self) { _ = try await ledger.order(number) }
            await #expect(throws: (any Error).self) { try await ledger.put(order("order_1")) }
        }
    }
}
