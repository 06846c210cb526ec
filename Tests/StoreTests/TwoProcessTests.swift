import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

/// Two processes that decide at once. Each test repeats its race, because a single one may end before the other begins.
struct TwoProcessTests {
    private static let races = 0..<15

    /// The results of both decisions, which begin together.
    private func race<Value: Sendable>(
        _ first: @escaping @Sendable () async throws -> Value, _ second: @escaping @Sendable () async throws -> Value
    ) async -> [Result<Value, any Error>] {
        async let one = Result<Value, any Error> { try await first() }
        async let other = Result<Value, any Error> { try await second() }
        return await [one, other]
    }

    private func isConflict(_ result: Result<Bool?, any Error>) -> Bool {
        if case .failure(let error) = result { error is KeyConflict } else { false }
    }

    @Test(arguments: StoreKind.available)
    func `one key of two orders without an attempt makes one of them`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let (a, b) = (try await database.open(), try await database.open())
            for turn in Self.races {
                @Sendable func begin(_ name: String, _ store: any Store) async throws -> Bool? {
                    let number = orderNumber("order_\(name)_\(turn)")
                    let key = orderKeyRecord("key-\(turn)", of: number, fingerprint: name)
                    return try await store.update(number, creating: draft(number.text), at: noon) { order in
                        order.begin()
                        return Decision(true, usingUp: key)
                    }
                }
                let results = await race({ try await begin("a", a) }, { try await begin("b", b) })
                #expect(results.count(where: isConflict) == 1, "\(results)")
                let record = try await a.keyRecord(scoped("key-\(turn)"), at: noon)
                for name in ["a", "b"] {
                    let stored = try await a.order(orderNumber("order_\(name)_\(turn)"))
                    #expect((stored != nil) == (record?.use.fingerprint == name))
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a decision reads what another process changed since this process's last decision`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let (a, b) = (try await database.open(), try await database.open())
            let number = orderNumber("order_1")
            let lease = Lease(owner: WorkerID("worker-a"), endsAt: at(10), isUnanswered: false)
            let made = order(number.text, fence: 1, lease: lease, attempts: [attempt(trade(number.text, 1))])
            try await a.put(made)
            // The first change is no change in the list of orders: the order's own row stays as it is.
            let changes: [@Sendable (inout Order) -> Void] = [
                { $0.attempts[0].ask(at: at(5)) },
                { $0.lease = Lease(owner: WorkerID("worker-b"), endsAt: at(20), isUnanswered: true) },
                { $0.attempts.append(attempt(trade("order_1", 2), .failed)) },
            ]
            for change in changes {
                let changed = try await b.update(number, creating: nil, at: noon) { order in
                    change(&order)
                    return Decision(order)
                }
                let seen = try await a.update(number, creating: nil, at: noon) { Decision($0) }
                #expect(seen == changed)
                #expect(seen != made)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `one key that a claim and an order without an attempt want is given to one of them`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let (a, b) = (try await database.open(), try await database.open())
            for turn in Self.races {
                let number = orderNumber("order_a_\(turn)")
                let other = orderNumber("order_b_\(turn)")
                @Sendable func claim() async throws -> Bool? {
                    let use = KeyUse(key: scoped("key-\(turn)"), fingerprint: "a")
                    let lease = Lease(owner: WorkerID("worker-a"), endsAt: at(10), isUnanswered: false)
                    let made = order(
                        number.text, fence: 1, lease: lease, attempts: [attempt(trade(number.text, 1))])
                    return try await a.update(number, creating: draft(number.text), at: noon) { order in
                        order = made
                        let claim = KeyClaim(use: use, tradeNumber: trade(number.text, 1), fence: Fence(1))
                        return Decision(true, claiming: claim)
                    }
                }
                @Sendable func begin() async throws -> Bool? {
                    let key = orderKeyRecord("key-\(turn)", of: other, fingerprint: "b")
                    return try await b.update(other, creating: draft(other.text), at: noon) { order in
                        order.begin()
                        return Decision(true, usingUp: key)
                    }
                }
                let results = await race(claim, begin)
                #expect(results.count(where: isConflict) == 1, "\(results)")
                let stored = [try await a.order(number), try await a.order(other)]
                #expect(stored.compactMap(\.self).count == 1)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `one payment in notices about two trades is booked for one of them`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let stores = [try await database.open(), try await database.open()]
            for turn in Self.races {
                let trades = ["a", "b"].map { trade("order_\($0)_\(turn)", 1) }
                for trade in trades { try await stores[0].put(order(trade.order.text, attempts: [attempt(trade)])) }
                @Sendable func record(_ place: Int) async throws -> SettleAction {
                    let paid = receipt(trades[place], "tx-\(turn)")
                    let told = notice("n-\(place)-\(turn)", about: trades[place].text)
                    return try await stores[place].record(told, at: at(61)) { try $0.settle(paid, at: at(61)) }
                }
                let actions = try await race({ try await record(0) }, { try await record(1) }).map { try $0.get() }
                #expect(actions.count { $0 == .paid } == 1 && actions.count { $0 == .disputed } == 1, "\(actions)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a message is claimed by one of two processes`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let (a, b) = (try await database.open(), try await database.open())
            try await a.withEndpoint()
            for turn in Self.races {
                let name = "order_\(turn + 2)"
                try await a.tell([event(.orderClosed), event(.orderExpired)], of: name)
                let results = await race({ try await a.claim(61) }, { try await b.claim(61) })
                let claims = try results.flatMap { try $0.get() }
                #expect(claims.map(\.message.order.number.text) == [name], "the second message waits for the first")
                for claim in claims { #expect(try await a.finish(claim, .accepted, 61)) }
                for claim in try await b.claim(61) { #expect(try await b.finish(claim, .accepted, 61)) }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a notice and the end of its page at once leave the order paid`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let (a, b) = (try await database.open(), try await database.open())
            for turn in Self.races {
                let number = trade("order_\(turn)", 1)
                try await a.put(order(number.order.text, attempts: [attempt(number, pages: [page()])]))
                @Sendable func pay() async throws -> Bool? {
                    let paid = receipt(number, "tx-\(turn)")
                    let told = notice("n-\(turn)", about: number.text)
                    return try await a.record(told, at: at(61)) { try $0.settle(paid, at: at(61)) } == .paid
                }
                @Sendable func end() async throws -> Bool? {
                    try await b.update(number.order, creating: nil, at: at(61)) { order in
                        let ended = attempt(number, pages: [page(expiresAt: at(50))])
                        if order.state == .new { order.attempts = [ended] }
                        return Decision(true)
                    }
                }
                for result in await race(pay, end) { #expect(try result.get() == true) }
                #expect(try await b.order(number.order)?.state == .paid(by: number, at: at(61)))
                #expect(try await b.livePage(for: LivePageQuery(number: number.order, .any), at: at(61)) == nil)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `decisions on the same orders from two processes do not block each other for ever`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let stores = [try await database.open(), try await database.open()]
            let names = (0..<8).map { "order_\($0)" }
            for name in names { try await stores[0].put(order(name)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for turn in 0..<400 {
                    group.addTask {
                        // Each process meets the orders in another sequence.
                        let name = turn % 2 == 0 ? names[turn / 2 % 8] : names[7 - turn / 2 % 8]
                        _ = try await stores[turn % 2].update(orderNumber(name), creating: nil, at: noon) { order in
                            order.fence = Fence(order.fence.number + 1)
                            return Decision(true)
                        }
                    }
                }
                try await group.waitForAll()
            }
            var total: Int64 = 0
            for name in names { total += try await stores[0].order(orderNumber(name))?.fence.number ?? 0 }
            #expect(total == 400)
        }
    }
}

extension Result where Failure == any Error {
    /// The result of an asynchronous closure.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
