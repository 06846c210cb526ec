import Foundation
import LedgerSQL
import PayCore
import PayFlow
import StoreTestSupport
import Synchronization
import Testing

@testable import PostgresStore

@Suite(StoreKind.needsPostgres) struct BatchTests {
    /// A ledger with one lane, which waits in a decision until everything is submitted: the rest shares a batch.
    private struct Bench {
        let ledger: PostgresLedger
        let tamper: any Tamper

        /// The results of the works, in their order.
        func together<Value: Sendable>(
            _ works: [@Sendable (PostgresLedger) async throws -> Value]
        ) async throws -> [Result<Value, any Error>] {
            let (isHeld, mayGo) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let hasTold = Mutex(false)
            async let held: Bool? = ledger.update(orderNumber("held"), creating: draft("held"), at: noon) { _ in
                // A batch that fails decides again.
                if !hasTold.withLock({ told in
                    defer { told = true }; return told
                }) {
                    isHeld.signal()
                    mayGo.wait()
                }
                return Decision(true)
            }
            await wait(for: isHeld)
            let results = await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
                for (place, work) in works.enumerated() {
                    group.addTask { [ledger] in
                        do {
                            return (place, .success(try await work(ledger)))
                        } catch {
                            return (place, .failure(error))
                        }
                    }
                }
                while ledger.lanes.waitingWrites < works.count { await Task.yield() }
                mayGo.signal()
                var results: [Int: Result<Value, any Error>] = [:]
                for await (place, result) in group { results[place] = result }
                return works.indices.compactMap { results[$0] }
            }
            _ = try await held
            return results
        }

        private func wait(for semaphore: DispatchSemaphore) async {
            await withCheckedContinuation { done in
                Thread.detachNewThread {
                    semaphore.wait()
                    done.resume()
                }
            }
        }

        /// The commits of this ledger's lanes.
        func commits() throws -> Int64 { try tamper.number("SELECT sum(mark) FROM commit_marks") ?? 0 }
    }

    private func withBench(_ body: (Bench) async throws -> Void) async throws {
        try await withTestDatabase(.postgres) { database in
            let address = try #require(ServerAddress(database.address))
            let ledger = PostgresLedger(address, PostgresLanes.Counts(writers: 1))
            try await body(Bench(ledger: ledger, tamper: try database.tamper()))
            try await ledger.close()
        }
    }

    /// Stores an order with an attempt that takes money.
    private static func pay(_ number: String) -> @Sendable (PostgresLedger) async throws -> Bool? {
        { ledger in
            try await ledger.update(orderNumber(number), creating: draft(number, fence: -1), at: noon) { order in
                order = StoreTestSupport.order(number, attempts: [attempt(trade(number, 1), pages: [page()])])
                return Decision(true)
            }
        }
    }

    @Test func `a decision that may make an order sees all of a stored one, in one commit with others`() async throws {
        try await withBench { bench in
            _ = try await Self.pay("order_1")(bench.ledger)
            let before = try bench.commits()
            let see: @Sendable (PostgresLedger) async throws -> Bool? = { ledger in
                try await ledger.update(orderNumber("order_1"), creating: draft("order_1"), at: at(1)) { order in
                    let isWhole = order.attempts.map(\.pages) == [[page()]]
                    order = StoreTestSupport.order("order_1", fence: 7, attempts: order.attempts)
                    return Decision(isWhole)
                }
            }
            let results = try await bench.together([see, Self.pay("order_2")])
            #expect(results.map { try? $0.get() } == [true, true])
            #expect(try bench.commits() == before + 2)
            #expect(try await bench.ledger.order(orderNumber("order_1"))?.fence == Fence(7))
        }
    }

    private struct Refused: Error, Hashable {}

    @Test func `decisions on different orders share one commit`() async throws {
        try await withBench { bench in
            _ = try await bench.together((1...20).map { Self.pay("order_\($0)") })
            let before = try bench.commits()
            let results = try await bench.together((21...40).map { Self.pay("order_\($0)") })
            #expect(results.allSatisfy { (try? $0.get()) == true })
            // One is the decision that the others waited behind.
            #expect(try bench.commits() == before + 2)
            #expect(try bench.tamper.number("SELECT count(*) FROM pages") == 40)
        }
    }

    @Test func `a decision that throws takes nothing of the others back`() async throws {
        try await withBench { bench in
            let refused: @Sendable (PostgresLedger) async throws -> Bool? = { ledger in
                try await ledger.update(orderNumber("order_2"), creating: draft("order_2"), at: noon) { _ in
                    throw Refused()
                }
            }
            let results = try await bench.together([Self.pay("order_1"), refused, Self.pay("order_3")])
            #expect(try results[0].get() == true)
            #expect(throws: Refused.self) { try results[1].get() }
            #expect(try results[2].get() == true)
            #expect(try bench.tamper.texts("SELECT number FROM orders ORDER BY number") == ["order_1", "order_3"])
        }
    }

    @Test func `a decision by hand among others keeps its entry in the audit`() async throws {
        try await withBench { bench in
            _ = try await Self.pay("order_2")(bench.ledger)
            let note = AuditNote(
                Actor(PersonName("ann")!, by: .console, from: nil), .orderClosed, on: "order_2",
                of: orderNumber("order_2"))
            func decide(failing: Bool) -> @Sendable (PostgresLedger) async throws -> Bool? {
                { ledger in
                    try await ledger.update(orderNumber("order_2"), creating: nil, at: at(9)) { order in
                        order = StoreTestSupport.order("order_2", fence: 7, attempts: order.attempts)
                        if failing { throw Refused() }
                        return Decision(true, audit: note)
                    }
                }
            }
            let results = try await bench.together([
                Self.pay("order_1"), decide(failing: true), decide(failing: false), Self.pay("order_3"),
            ])
            #expect(throws: Refused.self) { try results[1].get() }
            #expect(results.count { (try? $0.get()) == true } == 3)
            #expect(try await bench.ledger.auditEntries(AuditListing(limit: 9)).map(\.note) == [note])
            #expect(try await bench.ledger.order(orderNumber("order_2"))?.fence == Fence(7))
            #expect(try bench.tamper.number("SELECT count(*) FROM orders") == 3)
        }
    }

    @Test func `of two orders that claim one key in a batch, one is stored`() async throws {
        try await withBench { bench in
            func claim(_ number: String) -> @Sendable (PostgresLedger) async throws -> Bool? {
                { ledger in
                    try await ledger.update(orderNumber(number), creating: draft(number, fence: -1), at: noon) {
                        order in
                        order = StoreTestSupport.order(
                            number, fence: 1, lease: Lease(owner: WorkerID("a"), endsAt: at(30), isUnanswered: false),
                            attempts: [attempt(trade(number, 1))])
                        let use = KeyUse(key: scoped("key"), fingerprint: number)
                        return Decision(
                            true, claiming: KeyClaim(use: use, tradeNumber: trade(number, 1), fence: Fence(1)))
                    }
                }
            }
            let results = try await bench.together([claim("order_1"), claim("order_2"), Self.pay("order_3")])
            #expect(results.filter { (try? $0.get()) == true }.count == 2)
            #expect(results.filter { $0.keyConflict?.reason == .otherRequest }.count == 1)
            #expect(try bench.tamper.number("SELECT count(*) FROM orders") == 2)
            #expect(try bench.tamper.number("SELECT count(*) FROM idempotency_keys") == 1)
        }
    }

    @Test func `of two orders that one payment names in a batch, one gets it`() async throws {
        try await withBench { bench in
            for number in ["order_1", "order_2"] { _ = try await Self.pay(number)(bench.ledger) }
            func settle(_ number: String) -> @Sendable (PostgresLedger) async throws -> SettleAction {
                { ledger in
                    try await ledger.record(notice("n-\(number)", about: "\(number)_1"), at: at(61)) { order in
                        order = StoreTestSupport.order(
                            number, state: .paid(by: trade(number, 1), at: at(61)), fence: 1,
                            attempts: [attempt(trade(number, 1), .paid, pages: [page()])],
                            receipts: [recorded(receipt(trade(number, 1), "T1"), .honest)])
                        return .paid
                    }
                }
            }
            let results = try await bench.together([settle("order_1"), settle("order_2")])
            #expect(Set(results.compactMap { try? $0.get() }) == [.paid, .disputed])
            #expect(try bench.tamper.number("SELECT count(*) FROM receipts") == 1)
            #expect(try bench.tamper.number("SELECT count(*) FROM notices") == 2)
        }
    }

    @Test func `a batch stores the same rows as each decision alone`() async throws {
        var dumps: [[String]] = []
        for isBatched in [true, false] {
            try await withBench { bench in
                for wanted in Self.steps {
                    if isBatched {
                        try await bench.ledger.put(wanted, at: at(100))
                    } else {
                        try await Alone(ledger: bench.ledger).put(wanted, at: at(100))
                    }
                }
                dumps.append(try Self.tables.flatMap { try bench.tamper.texts(Self.dump(of: $0)) })
            }
        }
        #expect(!dumps[0].isEmpty)
        #expect(dumps[0] == dumps[1])
    }

    private static let tables = [
        "orders", "attempts", "pages", "receipts", "refunds", "events", "deliveries", "history", "pages_to_purge",
    ]

    /// Every row as JSON, without the transaction's number.
    private static func dump(of table: String) -> String {
        "SELECT '\(table) ' || (to_jsonb(\(table)) - 'changed_in' - 'stored_in')::text FROM \(table) ORDER BY 1"
    }

    /// An order's life, with every kind of change that a decision makes.
    private static let steps: [Order] = [
        order("order_1"),
        order(
            "order_1", fence: 1, lease: Lease(owner: WorkerID("a"), endsAt: at(30), isUnanswered: false),
            attempts: [attempt(trade("order_1", 1), .creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: at(40))))]
        ),
        order("order_1", fence: 1, attempts: [attempt(trade("order_1", 1), pages: [page()], askAt: at(50))]),
        order(
            "order_1", fence: 2,
            attempts: [attempt(trade("order_1", 1), pages: [page(expiresAt: at(200)), page(.h5)], askAt: at(70))]),
        order(
            "order_1", fence: 2,
            attempts: [
                attempt(trade("order_1", 1), .closed, pages: [page(expiresAt: at(200)), page(.h5)]),
                attempt(trade("order_1", 2), channel: wechat, pages: [page(kind: .qr, content: "weixin://pay")]),
            ]),
        fullOrder("order_2"),
    ]

    /// Each decision in a transaction of its own, as ``OrderTransactions`` defines it.
    private struct Alone {
        let ledger: PostgresLedger

        func put(_ wanted: Order, at now: Instant) async throws {
            _ = try await ledger.write(.order(wanted.number)) { db in
                try OrderTransactions.update(
                    wanted.number, creating: draft(wanted.number.text, fence: -1), at: now,
                    { order in
                        order = wanted
                        return Decision(true)
                    }, db)
            }
        }
    }
}

extension Result {
    fileprivate var keyConflict: KeyConflict? {
        if case .failure(let error) = self { error as? KeyConflict } else { nil }
    }
}
