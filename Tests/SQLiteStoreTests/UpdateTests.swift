import GRDB
import LedgerSQL
import PayFlow
import SQLiteStore
import Testing

@testable import PayCore

struct UpdateTests {
    private struct Unwell: Error {}

    private let number = orderNumber("order_1")

    @Test func `an update without order and draft returns nil`() async throws {
        try await withScratch { scratch in
            let outcome = try await scratch.ledger().update(number, creating: nil, at: noon) { _ in
                Issue.record("decided on nothing")
                return Decision(true)
            }
            #expect(outcome == nil)
        }
    }

    @Test func `a draft that the decision left unchanged is not stored`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let outcome = try await ledger.update(number, creating: draft("order_1"), at: noon) { _ in Decision(7) }
            #expect(outcome == 7)
            #expect(try await ledger.order(number) == nil)
        }
    }

    @Test func `a draft is ignored if the order exists`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1", fence: 5))
            let fence = try await ledger.update(number, creating: draft("order_1"), at: noon) { Decision($0.fence) }
            #expect(fence == Fence(5))
        }
    }

    @Test func `a decision that changed nothing writes nothing`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(fullOrder())
            let watcher = try scratch.connection()
            let before = try watcher.dataVersion()
            _ = try await ledger.update(number, creating: nil, at: at(9)) { Decision($0.state.name) }
            #expect(try watcher.dataVersion() == before)
        }
    }

    @Test func `an error of the decision rolls everything back`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
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

    @Test func `a violation of the schema rolls everything back, and its error has no values`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1"))
            let twoLive = order(
                "order_1", fence: 8,
                attempts: [
                    attempt(trade("order_1", 1), pages: [page(content: "a page's content")]),
                    attempt(trade("order_1", 2), .closing(closing), payer: Payer(openID: "o-secret")),
                ])
            let error = await #expect(throws: DatabaseError.self) { try await ledger.put(twoLive) }
            #expect(error?.message == "UNIQUE constraint failed: attempts.order_number")
            #expect(error.map { "\($0)".contains("o-secret") || "\($0)".contains("content of") } == false)
            #expect(try await ledger.order(number) == order("order_1"))
        }
    }

    @Test func `events are stored once each, in their order`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let first = trade("order_1", 1)
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            for transaction in ["tx-1", "tx-2", "tx-2", "tx-3"] {
                _ = try await ledger.update(number, creating: nil, at: at(61)) { order in
                    #expect(order.newEvents.isEmpty)
                    return Decision(try order.settle(receipt(first, transaction), at: at(61)))
                }
            }
            let kinds = try scratch.connection().texts("SELECT kind FROM deliveries ORDER BY id")
            #expect(kinds == ["order.paid", "payment.duplicate", "payment.duplicate"])
            let whole = try scratch.connection().number(
                "SELECT count(*) FROM deliveries WHERE order_number = 'order_1' AND trade_no = 'order_1_1'")
            #expect(whole == 3)
        }
    }

    @Test func `a write is finished even if its task was cancelled`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await ledger.put(order("order_1", fence: 3))
            }
            try await task.value
            #expect(try await ledger.order(number)?.fence == Fence(3))
        }
    }

    @Test func `two processes that open one order make one attempt`() async throws {
        try await withScratch { scratch in
            let ledgers = [try scratch.ledger(), try scratch.ledger()]
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

    @Test func `a closed ledger throws`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.checkWritable()
            try ledger.close()
            await #expect(throws: (any Error).self) { try await ledger.checkWritable() }
            await #expect(throws: (any Error).self) { _ = try await ledger.order(number) }
            await #expect(throws: (any Error).self) { try await ledger.put(order("order_1")) }
        }
    }
}
