import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

struct ListTests {
    private func all(
        _ database: TestDatabase, _ ledger: any Store, state: OrderStateName? = nil, updatedAfter: Instant? = nil,
        limit: Int = 4,
        between: (Int) async throws -> Void = { _ in }
    ) async throws -> [String] {
        var found: [String] = []
        var cursor: OrderCursor?
        for turn in 0..<100 {
            try database.tamper().settle()
            let list = try await ledger.orders(
                OrderListing(
                    OrderSearch(state: state, updatedAfter: updatedAfter), limit: limit, after: cursor))
            #expect(list.orders.count <= limit)
            found += list.orders.map(\.number.text)
            guard let next = list.next else { return found }
            cursor = next
            try await between(turn)
        }
        Issue.record("the list has no end")
        return found
    }

    private func names(_ range: Range<Int>) -> [String] { range.map { "order_\($0)" } }

    @Test(arguments: StoreKind.available, [1, 2, 3, 4, 7, 8, 9])
    func `a list is complete, each order once, the longest unchanged first`(
        _ kind: StoreKind, _ limit: Int
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            // Backwards by name, and all in one millisecond.
            for name in names(0..<8).reversed() { try await ledger.put(order(name, fence: 1)) }
            #expect(try await all(database, ledger, limit: limit) == names(0..<8).reversed())
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order that changes while a list is read is listed again, and none is missed`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for name in names(0..<8) { try await ledger.put(order(name, fence: 1)) }
            let found = try await all(database, ledger, limit: 3) { turn in
                // By a clock that is behind, as a transaction has that waited for its turn.
                if turn == 0 { try await ledger.put(order("order_1", fence: 2), at: at(-60)) }
                if turn == 1 { try await ledger.put(order("order_7", fence: 2), at: at(-60)) }
            }
            #expect(found == names(0..<7) + ["order_1", "order_7"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a list is filtered by state and by time of change`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for (index, name) in names(0..<6).enumerated() {
                let state = index % 2 == 0 ? OrderState.new : .closed(at: at(5))
                try await ledger.put(order(name, state: state, fence: 1), at: at(100 * index))
            }
            #expect(try await all(database, ledger, state: .new, limit: 2) == ["order_0", "order_2", "order_4"])
            #expect(try await all(database, ledger, state: .paid) == [])
            #expect(
                try await all(database, ledger, updatedAfter: at(300) + kind.overlapOfLists) == ["order_4", "order_5"])
            #expect(
                try await all(database, ledger, state: .closed, updatedAfter: noon - .seconds(1), limit: 1).count == 3)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a listed order has its attempts`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            try database.tamper().settle()
            let list = try await ledger.orders(OrderListing(OrderSearch(), limit: 5))
            #expect(list.orders == [fullOrder()])
            #expect(list.next == nil)
        }
    }
}

struct RecoveryTests {
    private func put(_ name: String, _ state: AttemptState, _ ledger: any Store) async throws {
        try await ledger.put(order(name, attempts: [attempt(trade(name, 1), state)]))
    }

    @Test(arguments: StoreKind.available)
    func `due recoveries are listed, the longest overdue first, up to the limit`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await put("late", .closing(Closing(recoverAt: at(30), closeUnansweredAt: nil)), ledger)
            try await put("latest", .creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: at(10))), ledger)
            try await put("just", .creating(Tries(count: 2, firstUnknownAt: nil, recoverAt: at(40))), ledger)
            try await put("not_yet", .creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: at(41))), ledger)
            try await put("open", .open, ledger)
            try await put("exposed", .exposed(closeUnansweredAt: at(1)), ledger)
            #expect(
                try await ledger.ordersToRecover(on: [sandbox], at: at(40), limit: 10).map(\.text) == [
                    "latest", "late", "just",
                ])
            #expect(
                try await ledger.ordersToRecover(on: [sandbox], at: at(40), limit: 2).map(\.text) == ["latest", "late"])
            #expect(try await ledger.ordersToRecover(on: [sandbox], at: at(9), limit: 10) == [])
        }
    }
}

struct DueTests {
    /// A new order with one attempt, whose time to pay ends after 1,800 s.
    private func put(
        _ name: String, _ state: AttemptState, askAt: Instant? = nil, on channel: Channel = sandbox,
        _ ledger: any Store
    ) async throws {
        try await ledger.put(order(name, attempts: [attempt(trade(name, 1), state, channel: channel, askAt: askAt)]))
    }

    @Test(arguments: StoreKind.available)
    func `attempts to query are listed, the longest overdue first`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await put("late", .open, askAt: at(30), ledger)
            try await put("latest", .closed, askAt: at(10), ledger)
            try await put("just", .exposed(closeUnansweredAt: nil), askAt: at(40), ledger)
            try await put("not_yet", .open, askAt: at(41), ledger)
            try await put("never", .lapsed, ledger)
            try await put("elsewhere", .open, askAt: at(1), on: Channel("gone")!, ledger)
            func due(_ now: Instant, _ limit: Int) async throws -> [String] {
                try await ledger.attemptsToWatch(on: [sandbox], at: now, limit: limit).map(\.order.text)
            }
            #expect(try await due(at(40), 10) == ["latest", "late", "just"])
            #expect(try await due(at(40), 2) == ["latest", "late"])
            #expect(try await due(at(9), 10) == [])
            #expect(try await ledger.order(orderNumber("late"))?.attempts.map(\.askAt) == [at(30)])
        }
    }

    @Test(arguments: StoreKind.available)
    func `orders to expire are those with an attempt past its deadline, or without open attempts`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await put("open", .open, askAt: at(9_000), ledger)
            try await put("over", .lapsed, ledger)
            try await put("asked", .closed, ledger)
            try await put("not_asked", .closed, askAt: at(9_000), ledger)
            try await put("exposed", .exposed(closeUnansweredAt: nil), askAt: nil, ledger)
            try await put("closing", .closing(closing), ledger)
            func due(_ now: Instant, _ limit: Int = 10) async throws -> [String] {
                try await ledger.ordersToExpire(on: [sandbox], at: now, limit: limit).map(\.text)
            }
            #expect(try await due(at(1_800) - .milliseconds(1)) == [])
            #expect(try await due(at(1_800)) == ["open", "asked", "over"])
            #expect(try await due(at(1_800), 2) == ["open", "asked"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `refunds are listed by their next call`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            let refund = fullOrder().refunds[0]
            let reference = RefundReference(order: fullOrder().number, number: refund.number)
            #expect(try await ledger.refundsToAsk(on: [sandbox], at: at(61), limit: 5) == [reference])
            #expect(try await ledger.refundsToAsk(on: [sandbox], at: at(60), limit: 5) == [])
            #expect(try await ledger.refundsToAsk(on: [Channel("gone")!], at: at(61), limit: 5) == [])
        }
    }
}
