import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

/// Searches for orders, and the numbers that lead to an order.
struct SearchTests {
    private func found(
        _ database: TestDatabase, _ ledger: any Store, _ search: OrderSearch, sequence: OrderSequence? = nil,
        limit: Int = 10
    ) async throws -> [String] {
        var found: [String] = []
        var cursor: OrderCursor?
        try database.tamper().settle()
        for _ in 0..<100 {
            let list = try await ledger.orders(
                OrderListing(search, sequence: sequence, limit: limit, after: cursor))
            #expect(list.entries.count <= limit)
            found += list.orders.map(\.number.text)
            guard let next = list.next else { return found }
            cursor = next
        }
        Issue.record("the list has no end")
        return found
    }

    private func order(
        _ name: String, user: String = "u-1", createdAt: Instant = noon, state: OrderState = .new,
        attempts: [Attempt] = [], receipts: [RecordedReceipt] = [], refunds: [Refund] = []
    ) -> Order {
        Order(
            number: orderNumber(name), userID: UserID(user)!, money: yuan, subject: Subject("Tea")!, returnURL: nil,
            createdAt: createdAt, deadline: createdAt + .seconds(1_800), state: state, fence: Fence(1),
            attempts: attempts, receipts: receipts, refunds: refunds)
    }

    private func put(_ orders: [Order], _ ledger: any Store) async throws {
        for order in orders { try await ledger.put(order, at: order.createdAt) }
    }

    /// Six orders of two users, a minute apart. The last two have the same time.
    private func sixOrders(_ ledger: any Store) async throws {
        for (index, minute) in [0, 1, 2, 3, 4, 4].enumerated() {
            try await put(
                [
                    order(
                        "order_\(index)", user: index % 2 == 0 ? "even" : "odd", createdAt: at(60 * minute),
                        state: index < 2 ? .closed(at: at(500)) : .new)
                ], ledger)
        }
    }

    @Test(arguments: StoreKind.available, [1, 2, 3, 10])
    func `a user's orders are found, each once, the latest first`(_ kind: StoreKind, _ limit: Int) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await sixOrders(ledger)
            #expect(
                try await found(database, ledger, OrderSearch(user: UserID("even")!), limit: limit) == [
                    "order_4", "order_2", "order_0",
                ])
            #expect(try await found(database, ledger, OrderSearch(user: UserID("eve")!), limit: limit) == [])
            #expect(try await found(database, ledger, OrderSearch(user: UserID("EVEN")!), limit: limit) == [])
        }
    }

    @Test(arguments: StoreKind.available, [1, 2, 10])
    func `a time of creation excludes its ends`(_ kind: StoreKind, _ limit: Int) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await sixOrders(ledger)
            func names(_ after: Int?, _ before: Int?) async throws -> [String] {
                try await found(
                    database, ledger, OrderSearch(createdAfter: after.map(at), createdBefore: before.map(at)),
                    limit: limit)
            }
            #expect(try await names(60, nil) == ["order_5", "order_4", "order_3", "order_2"])
            #expect(try await names(nil, 120) == ["order_1", "order_0"])
            #expect(try await names(60, 240) == ["order_3", "order_2"])
            #expect(try await names(240, nil) == [])
            #expect(try await names(nil, 0) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `every given property must fit`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await sixOrders(ledger)
            let even = UserID("even")!
            #expect(try await found(database, ledger, OrderSearch(state: .new, user: even)) == ["order_4", "order_2"])
            #expect(try await found(database, ledger, OrderSearch(user: even, createdAfter: at(120))) == ["order_4"])
            #expect(try await found(database, ledger, OrderSearch(user: even, updatedAfter: at(121))) == ["order_4"])
            #expect(
                try await found(database, ledger, OrderSearch(state: .closed, createdBefore: at(60))) == ["order_0"])
            #expect(try await found(database, ledger, OrderSearch(state: .paid, user: even)) == [])
            #expect(
                try await found(
                    database, ledger, OrderSearch(user: even, createdBefore: at(240)), sequence: .longestUnchangedFirst)
                    == ["order_0", "order_2"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order is found by each channel that it has an attempt at`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(trade("order_1", 1))]))
            try await ledger.put(order("order_2"))
            let channel = try #require(try await ledger.order(orderNumber("order_1"))?.attempts.first?.channel)
            for sequence in [OrderSequence.longestUnchangedFirst, .latestFirst] {
                func names(_ channel: PayCore.Channel?) async throws -> Set<String> {
                    Set(try await found(database, ledger, OrderSearch(channel: channel), sequence: sequence))
                }
                #expect(try await names(channel) == ["order_1"])
                #expect(try await names(Channel("nowhere")) == [])
                #expect(try await names(nil) == ["order_1", "order_2"])
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order is found by the numbers of its attempts, payments and refunds`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder("order_1"))
            try await ledger.put(order("order_2", attempts: [attempt(trade("order_2", 1))]))
            for sequence in [OrderSequence.longestUnchangedFirst, .latestFirst] {
                func names(_ search: OrderSearch) async throws -> [String] {
                    try await found(database, ledger, search, sequence: sequence)
                }
                #expect(try await names(OrderSearch(trade: trade("order_1", 2))) == ["order_1"])
                #expect(try await names(OrderSearch(trade: trade("order_2", 1))) == ["order_2"])
                #expect(try await names(OrderSearch(trade: trade("order_2", 2))) == [], "no such attempt")
                #expect(try await names(OrderSearch(transaction: TransactionID("tx-2")!)) == ["order_1"])
                #expect(try await names(OrderSearch(transaction: TransactionID("tx-")!)) == [])
                #expect(try await names(OrderSearch(refund: RefundName("order_1_1_r2")!)) == ["order_1"])
                #expect(try await names(OrderSearch(refund: RefundName("order_1_1_r1")!)) == [])
                #expect(
                    try await names(
                        OrderSearch(state: .paid, trade: trade("order_1", 1), transaction: TransactionID("tx-1")!))
                        == ["order_1"])
                #expect(try await names(OrderSearch(state: .new, trade: trade("order_1", 1))) == [])
                #expect(
                    try await names(OrderSearch(trade: trade("order_2", 1), transaction: TransactionID("tx-1")!)) == [])
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a number leads to its order and says what it is the number of`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder("order_1"))
            func named(_ number: String) async throws -> [NamedOrder] {
                try await ledger.ordersNamed(number, limit: 10)
            }
            let number = orderNumber("order_1")
            #expect(try await named("order_1") == [NamedOrder(order: number, bearer: .order)])
            #expect(
                try await named("order_1_2")
                    == [NamedOrder(order: number, bearer: .attempt(trade("order_1", 2)))])
            #expect(try await named("tx-1") == [NamedOrder(order: number, bearer: .payment(sandbox))])
            #expect(
                try await named("order_1_1_r2")
                    == [NamedOrder(order: number, bearer: .refund(trade("order_1", 1)))])
            for unknown in ["order_2", "order_1_3", "tx-3", "", "'; DROP TABLE orders", "订单"] {
                #expect(try await named(unknown) == [], "\(unknown)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a refund is found by the merchant's number and by each number that the provider knew`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for name in ["order_1", "order_2"] {
                let number = trade(name, 1)
                let refund = Refund(
                    number: "\(number)_m1", merchantNumber: RefundNumber("back_1")!, tradeNumber: number,
                    transactionID: TransactionID("tx-\(name)")!, money: yuan, cause: .merchant, state: .pending,
                    createdAt: at(70), askAt: at(90), renewals: 1)
                try await ledger.put(
                    order(
                        name, state: .paid(by: number, at: noon), attempts: [attempt(number, .paid)],
                        receipts: [recorded(receipt(number, "tx-\(name)"), .honest)], refunds: [refund]))
            }
            for name in ["order_1_1_m1", "order_1_1_m1_2"] {
                #expect(
                    try await found(database, ledger, OrderSearch(refund: RefundName(name)!)) == ["order_1"], "\(name)")
                #expect(
                    try await ledger.ordersNamed(name, limit: 5)
                        == [NamedOrder(order: orderNumber("order_1"), bearer: .refund(trade("order_1", 1)))])
            }
            #expect(
                try await found(database, ledger, OrderSearch(refund: RefundName("back_1")!)) == ["order_1", "order_2"])
            #expect(try await ledger.ordersNamed("back_1", limit: 5).map(\.order.text) == ["order_1", "order_2"])
            #expect(try await found(database, ledger, OrderSearch(refund: RefundName("back_2")!)) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a payment number that two channels use leads to both orders`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for (name, channel) in [("order_1", sandbox), ("order_2", wechat)] {
                let number = trade(name, 1)
                let receipt = Receipt(
                    channel: channel, tradeNumber: number, transactionID: TransactionID("same")!, amount: 9_900,
                    currencyCode: "CNY", paidAt: noon, namesOurAccount: true)
                try await ledger.put(
                    order(
                        name, state: .paid(by: number, at: noon),
                        attempts: [attempt(number, .paid, channel: channel)], receipts: [recorded(receipt, .honest)]))
            }
            let named = try await ledger.ordersNamed("same", limit: 10)
            #expect(
                named == [
                    NamedOrder(order: orderNumber("order_1"), bearer: .payment(sandbox)),
                    NamedOrder(order: orderNumber("order_2"), bearer: .payment(wechat)),
                ])
            #expect(try await ledger.ordersNamed("same", limit: 1).count == 1)
            #expect(
                try await found(database, ledger, OrderSearch(transaction: TransactionID("same")!)) == [
                    "order_1", "order_2",
                ])
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order's own number is never taken for the number of another order's attempt`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order", attempts: [attempt(trade("order", 1))]))
            try await ledger.put(order("order_1", attempts: [attempt(trade("order_1", 1))]))
            #expect(
                try await ledger.ordersNamed("order_1", limit: 10)
                    == [NamedOrder(order: orderNumber("order_1"), bearer: .order)])
        }
    }
}
