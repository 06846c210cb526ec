import PayCore
import PayFlow
import StoreTestSupport
import Testing

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

    static let queries: [(Channel?, Terminal?, openID: String?, content: String?)] = [
        (nil, nil, nil, "inside"), (wechat, nil, nil, "inside"), (nil, .jsapi, nil, "inside"),
        (nil, nil, "o-1", "inside"), (wechat, .pc, "o-1", "desktop and mobile"),
        (nil, .h5, nil, "desktop and mobile"),
        (nil, .app, "", "anybody's"), (nil, .app, nil, "anybody's"), (nil, .app, "o-2", "anybody's"),
        (sandbox, nil, nil, nil), (sandbox, .pc, "", nil),
        (nil, .pc, "", nil), (nil, nil, "o-2", nil), (wechat, .h5, "o-2", nil),
    ]

    @Test(arguments: StoreKind.available, queries)
    func `a query finds its page, and omitted values are the live attempt's own`(
        _ kind: StoreKind, _ asked: (Channel?, Terminal?, openID: String?, content: String?)
    ) async throws {
        let (channel, terminal, openID, content) = asked
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(Self.manyPages())
            let found = try await ledger.livePage(for: query(channel, terminal, openID), at: at(10))
            #expect(found?.served.page.content == content)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a live page has its order's, trade's and page's stored values`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let stored = Self.manyPages()
            try await ledger.put(stored)
            let page = stored.attempts[1].pages[0]
            let served = ServedPage(tradeNumber: trade("order_1", 2), channel: wechat, page: page)
            let found = try #require(try await ledger.livePage(for: query(wechat, .pc, "o-1"), at: at(10)))
            #expect(found.order == OrderSummary(stored))
            #expect(found.served == served)
        }
    }

    @Test(arguments: StoreKind.available)
    func `the version of a live page grows with every change of its order`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
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

    @Test(arguments: StoreKind.available, Terminal.allCases)
    func `the live page is the one that the core would serve`(
        _ kind: StoreKind, _ terminal: Terminal
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let stored = Self.manyPages()
            try await ledger.put(stored)
            for channel in [wechat, sandbox] {
                for openID in ["", "o-1", "o-2"] {
                    for now in [at(4), at(5), at(299), at(300)] {
                        let wish = PageWish(channel: channel, terminal: terminal, openID: openID)
                        let found = try await ledger.livePage(for: query(channel, terminal, openID), at: now)
                        #expect(found?.served == stored.livePage(for: wish, at: now))
                    }
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a page is fresh up to, not at, the millisecond of its end`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let end = Instant(milliseconds: noon.milliseconds + 12_345)
            try await ledger.put(
                order("order_1", attempts: [attempt(trade("order_1", 1), pages: [page(expiresAt: end)])]))
            #expect(try await ledger.livePage(for: query(), at: end - .milliseconds(1)) != nil)
            #expect(try await ledger.livePage(for: query(), at: end) == nil)
            #expect(try await ledger.livePage(for: query(), at: end + .milliseconds(1)) == nil)
        }
    }

    @Test(arguments: StoreKind.available, everyAttemptState)
    func `only an open attempt of a new order has a live page`(
        _ kind: StoreKind, _ state: AttemptState
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for orderState in everyOrderState("order_1") {
                let name = "order_\(orderState.name)"
                let itsState = everyOrderState(name).first { $0.name == orderState.name }!
                try await ledger.put(
                    order(name, state: itsState, attempts: [attempt(trade(name, 1), state, pages: [page()])]))
                let query = LivePageQuery(number: orderNumber(name), .any)
                let isFound = try await ledger.livePage(for: query, at: at(10)) != nil
                #expect(isFound == (orderState == .new && state == .open), "\(name)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `an unknown order has no live page`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let found = try await database.open().livePage(for: query(), at: noon)
            #expect(found == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `reading a live page a thousand times writes nothing`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(Self.manyPages())
            let watcher = try database.tamper()
            let before = try watcher.writes()
            for _ in 0..<1_000 {
                #expect(try await ledger.livePage(for: query(), at: at(10)) != nil)
            }
            #expect(try watcher.writes() == before)

            try await ledger.put(order("order_2"))
            #expect(try watcher.writes() != before, "else the watcher sees nothing")
        }
    }
}
