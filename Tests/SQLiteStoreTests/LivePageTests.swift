import GRDB
import PayCore
import PayFlow
import Testing

@testable import LedgerSQL
@testable import SQLiteStore

struct LivePageTests {
    private let number = orderNumber("order_1")

    /// An order with one attempt, opened from WeChat by a payer, with a page for each way in.
    private static func manyPages() -> Order {
        order(
            "order_1",
            attempts: [
                attempt(trade("order_1", 1), .exposed(closeUnansweredAt: nil), pages: [page(content: "given up")]),
                attempt(
                    trade("order_1", 2), .open, channel: wechat, terminal: .jsapi, payer: Payer(openID: "o-1"),
                    pages: [
                        page(.pc, openID: "o-1", serves: [.pc, .h5], content: "desktop and mobile"),
                        page(.jsapi, openID: "o-1", kind: .sdk, content: "inside"),
                        page(.app, openID: "", kind: .sdk, content: "anybody's"),
                        page(.h5, openID: "o-2", content: "over", expiresAt: at(5)),
                    ]),
            ])
    }

    private func query(
        _ channel: Channel? = nil, _ terminal: Terminal? = nil, _ openID: String? = nil
    ) -> LivePageQuery {
        LivePageQuery(number: number, PageVariant(channel: channel, terminal: terminal, openID: openID))
    }

    @Test(
        arguments: [
            (nil, nil, nil, "inside"), (wechat, nil, nil, "inside"), (nil, .jsapi, nil, "inside"),
            (nil, nil, "o-1", "inside"), (wechat, .pc, "o-1", "desktop and mobile"),
            (nil, .h5, nil, "desktop and mobile"),
            (nil, .app, "", "anybody's"), (nil, .app, nil, "anybody's"), (nil, .app, "o-2", "anybody's"),
            (sandbox, nil, nil, nil), (sandbox, .pc, "", nil),
            (nil, .pc, "", nil), (nil, nil, "o-2", nil), (wechat, .h5, "o-2", nil),
        ] as [(Channel?, Terminal?, String?, String?)])
    func `a query finds its page, and omitted values are the live attempt's own`(
        _ channel: Channel?, _ terminal: Terminal?, _ openID: String?, _ content: String?
    ) async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(Self.manyPages())
            let found = try await ledger.livePage(for: query(channel, terminal, openID), at: at(10))
            #expect(found?.served.page.content == content)
        }
    }

    @Test func `a live page has its order's, trade's and page's stored values`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let stored = Self.manyPages()
            try await ledger.put(stored)
            let page = stored.attempts[1].pages[0]
            let served = ServedPage(tradeNumber: trade("order_1", 2), channel: wechat, page: page)
            let found = try #require(try await ledger.livePage(for: query(wechat, .pc, "o-1"), at: at(10)))
            #expect(found.order == OrderSummary(stored))
            #expect(found.served == served)
        }
    }

    @Test func `the version of a live page grows with every change of its order`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            var before: Int64 = 0
            for fence in 1...3 as ClosedRange<Int64> {
                try await ledger.put(order("order_1", fence: fence, attempts: Self.manyPages().attempts))
                let found = try #require(try await ledger.livePage(for: query(wechat, .pc, "o-1"), at: at(10)))
                #expect(found.version > before)
                before = found.version
                try await ledger.put(order("order_2", fence: fence))
                #expect(try await ledger.livePage(for: query(wechat, .pc, "o-1"), at: at(10)) == found)
            }
        }
    }

    @Test(arguments: Terminal.allCases, ["", "o-1", "o-2"])
    func `the live page is the one that the core would serve`(_ terminal: Terminal, _ openID: String) async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let stored = Self.manyPages()
            try await ledger.put(stored)
            for channel in [wechat, sandbox] {
                for now in [at(4), at(5), at(299), at(300)] {
                    let wish = PageWish(channel: channel, terminal: terminal, openID: openID)
                    let found = try await ledger.livePage(for: query(channel, terminal, openID), at: now)
                    #expect(found?.served == stored.livePage(for: wish, at: now))
                }
            }
        }
    }

    @Test func `a page is fresh up to, not at, the millisecond of its end`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let end = Instant(milliseconds: noon.milliseconds + 12_345)
            try await ledger.put(
                order("order_1", attempts: [attempt(trade("order_1", 1), pages: [page(expiresAt: end)])]))
            #expect(try await ledger.livePage(for: query(), at: end - .milliseconds(1)) != nil)
            #expect(try await ledger.livePage(for: query(), at: end) == nil)
            #expect(try await ledger.livePage(for: query(), at: end + .milliseconds(1)) == nil)
        }
    }

    @Test(arguments: RoundTripTests.attemptStates)
    func `only an open attempt of a new order has a live page`(_ state: AttemptState) async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            for orderState in RoundTripTests.orderStates("order_1") {
                let name = "order_\(orderState.name)"
                let itsState = RoundTripTests.orderStates(name).first { $0.name == orderState.name }!
                try await ledger.put(
                    order(name, state: itsState, attempts: [attempt(trade(name, 1), state, pages: [page()])]))
                let query = LivePageQuery(number: orderNumber(name), .any)
                let isFound = try await ledger.livePage(for: query, at: at(10)) != nil
                #expect(isFound == (orderState == .new && state == .open), "\(name)")
            }
        }
    }

    @Test func `an unknown order has no live page`() async throws {
        try await withScratch { scratch in
            let found = try await scratch.ledger().livePage(for: query(), at: noon)
            #expect(found == nil)
        }
    }

    @Test func `reading a live page a thousand times writes nothing`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(Self.manyPages())
            let watcher = try scratch.connection()
            let before = try watcher.dataVersion()
            for _ in 0..<1_000 {
                #expect(try await ledger.livePage(for: query(), at: at(10)) != nil)
            }
            #expect(try watcher.dataVersion() == before)

            try await ledger.put(order("order_2"))
            #expect(try watcher.dataVersion() != before, "else the watcher sees nothing")
        }
    }

    @Test func `the live page's statement reads every table by an index`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let arguments: StatementArguments = [
                "number": "order_1", "channel": nil, "openid": nil, "terminal": nil, "now": 1,
            ]
            let plan = try Self.plan(LivePageStatement.sql, arguments, scratch)
            #expect(!plan.isEmpty)
            #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
        }
    }

    @Test func `the live page's statement uses the index of live attempts`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let arguments: StatementArguments = ["number": "", "channel": "", "openid": "", "terminal": 1, "now": 1]
            let plan = try Self.plan(LivePageStatement.sql, arguments, scratch)
            #expect(plan.contains { $0.contains("attempts_one_live") }, "\(plan)")
            #expect(plan.contains { $0.contains("pages_of_trade") }, "\(plan)")
        }
    }

    @Test func `the last change and lists of due work are read in the order of their index`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let last = try Self.plan("SELECT max(updated_at) FROM orders", [], scratch)
            #expect(last.count == 1 && last[0].hasPrefix("SEARCH"), "\(last)")
            for sql in [RecoveryStatement.sql, RecoveryStatement.plannedBeforeStep] {
                let recovery = try Self.plan(sql[.sqlite], [1, "[]", 1], scratch)
                #expect(recovery.first?.contains("attempts_to_recover") == true, "\(recovery)")
                #expect(!recovery.contains { $0.contains("TEMP B-TREE") }, "\(recovery)")
            }

            let due: StatementArguments = ["now": 1, "channels": "[]", "limit": 1]
            for (sql, index) in [
                (DueStatements.attemptsToWatch, "attempts_to_ask"), (DueStatements.attemptsToEnd, "attempts_to_end"),
                (DueStatements.refundsToAsk, "refunds_to_ask"),
                (DueStatements.refundsPlannedBeforeStep, "refunds_to_ask"),
            ] {
                let plan = try Self.plan(sql[.sqlite], due, scratch)
                #expect(plan.first?.contains(index) == true, "\(plan)")
                #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            }
            let over = try Self.plan(DueStatements.ordersToExpire, ["now": 1, "limit": 1], scratch)
            #expect(over.first?.contains("orders_to_expire") == true, "\(over)")
            #expect(!over.contains { $0.contains("TEMP B-TREE") }, "\(over)")
        }
    }

    private static func plan(_ sql: String, _ arguments: StatementArguments, _ scratch: Scratch) throws -> [String] {
        try scratch.connection().read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] }
        }
    }
}
