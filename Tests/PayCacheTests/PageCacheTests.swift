import PayCore
import PayFlow
import Synchronization
import Testing

@testable import PayCache

/// A source of other processes' commits that a test controls.
private final class SteppedCommits: ForeignCommits {
    private let known = Mutex<UInt32?>(1)

    func era() -> UInt32? { known.withLock { $0 } }

    /// Sets the era. Nil means that another process is committing.
    func become(_ era: UInt32?) { known.withLock { $0 = era } }
}

/// The rules for finding and adding pages.
@Suite struct PageCacheTests {
    private let foreign = SteppedCommits()
    private let cache: PageCache
    private let number = OrderNumber("order_1")!

    init() {
        cache = PageCache(capacity: 16 << 20, foreign: foreign)
    }

    private func isFound(_ page: ReadyPage) -> Bool { cache.find(page.number, .any) === page }

    @Test func `a page that was read without a concurrent write is found`() throws {
        let page = ReadyPage.sample(number)
        cache.put(page, .any, try #require(cache.ticket(for: number)))
        #expect(isFound(page))
        #expect(cache.find(OrderNumber("order_2")!, .any) == nil)
        #expect(cache.find(number, PageVariant(channel: nil, terminal: .h5, openID: nil)) == nil)
    }

    @Test func `from the start of a write on, the earlier page is not found`() throws {
        let page = ReadyPage.sample(number)
        cache.put(page, .any, try #require(cache.ticket(for: number)))
        cache.began(on: number)
        #expect(!isFound(page))
        cache.ended(on: number)
        #expect(!isFound(page))
    }

    @Test func `a page that was read before a write is not cached during or after it`() throws {
        for isOver in [true, false] {
            let ticket = try #require(cache.ticket(for: number))
            cache.began(on: number)
            if isOver { cache.ended(on: number) }
            let page = ReadyPage.sample(number)
            cache.put(page, .any, ticket)
            #expect(!isFound(page))
            if !isOver { cache.ended(on: number) }
            #expect(!isFound(page))
        }
    }

    @Test func `while writes to an order are in progress, its pages can't be cached`() throws {
        cache.began(on: number)
        cache.began(on: number)
        #expect(cache.ticket(for: number) == nil)
        cache.ended(on: number)
        #expect(cache.ticket(for: number) == nil)
        cache.ended(on: number)
        #expect(cache.ticket(for: number) != nil)
        let page = ReadyPage.sample(number)
        cache.put(page, .any, try #require(cache.ticket(for: number)))
        #expect(isFound(page))
    }

    @Test func `a write to one order keeps the cached pages of others`() throws {
        let others = (2..<50).map { ReadyPage.sample(OrderNumber("order_\($0)")!) }
        for page in others { cache.put(page, .any, try #require(cache.ticket(for: page.number))) }
        cache.began(on: number)
        cache.ended(on: number)
        for page in others { #expect(isFound(page)) }
    }

    @Test func `another process's commit drops all cached pages`() throws {
        let page = ReadyPage.sample(number)
        cache.put(page, .any, try #require(cache.ticket(for: number)))
        foreign.become(nil)
        #expect(!isFound(page))
        foreign.become(2)
        #expect(!isFound(page))
        let next = ReadyPage.sample(number)
        cache.put(next, .any, try #require(cache.ticket(for: number)))
        #expect(isFound(next))
    }

    @Test func `a page that was read during another process's commit is never found`() throws {
        for (during, after) in [(2, 3), (nil, 4)] as [(UInt32?, UInt32)] {
            let ticket = try #require(cache.ticket(for: number))
            foreign.become(during)
            let page = ReadyPage.sample(number)
            cache.put(page, .any, ticket)
            #expect(!isFound(page))
            foreign.become(after)
            #expect(!isFound(page))
        }
    }

    @Test func `while other processes' commits are unknown, no page is cached`() {
        foreign.become(nil)
        #expect(cache.ticket(for: number) == nil)
    }

    @Test func `cached pages of an order from two eras are not mixed`() throws {
        let old = ReadyPage.sample(number)
        cache.put(old, .any, try #require(cache.ticket(for: number)))
        foreign.become(2)
        let variant = PageVariant(channel: nil, terminal: .h5, openID: nil)
        let new = ReadyPage.sample(number, content: "another")
        cache.put(new, variant, try #require(cache.ticket(for: number)))
        #expect(cache.find(number, variant) === new)
        #expect(cache.find(number, .any) == nil)
    }

    @Test func `a page cache without capacity keeps no page`() throws {
        let none = PageCache(capacity: 0, foreign: foreign)
        none.put(.sample(number), .any, try #require(none.ticket(for: number)))
        #expect(none.find(number, .any) == nil)
    }
}

/// The rules for keeping and evicting pages.
@Suite struct CacheShardTests {
    private static let weight = CachedPages(.sample(OrderNumber("order_0")!), .any, era: 1).weight

    private static func pages(_ count: Int) -> [ReadyPage] {
        (0..<count).map { ReadyPage.sample(OrderNumber("order_\($0)")!) }
    }

    private static func shard(for count: Int) -> CacheShard { CacheShard(capacity: count * (weight + 16)) }

    @Test func `a cache shard never exceeds its capacity`() {
        var shard = Self.shard(for: 10)
        let pages = Self.pages(100)
        for page in pages { shard.put(page, .any, era: 1) }
        let kept = pages.filter { shard.find($0.number, .any) != nil }
        #expect((5...10).contains(kept.count))
        #expect(kept.contains { $0 === pages[99] })
    }

    @Test func `a cache shard keeps used pages and evicts unused ones`() {
        var shard = Self.shard(for: 10)
        let pages = Self.pages(100)
        for page in pages {
            shard.put(page, .any, era: 1)
            #expect(shard.find(pages[0].number, .any) != nil, "\(page.number)")
        }
    }

    @Test func `a page larger than its cache shard is not kept and evicts nothing`() {
        var shard = Self.shard(for: 2)
        let small = ReadyPage.sample(OrderNumber("order_0")!)
        shard.put(small, .any, era: 1)
        let large = ReadyPage.sample(OrderNumber("large")!, content: String(repeating: "x", count: 10_000))
        shard.put(large, .any, era: 1)
        #expect(shard.find(large.number, .any) == nil)
        #expect(shard.find(small.number, .any) != nil)
    }

    @Test func `a page cached for several variants is kept once`() {
        let number = OrderNumber("order_0")!
        // Two copies and five names would need more.
        var shard = Self.shard(for: 2)
        let names = [PageVariant.any] + Terminal.allCases.map { PageVariant(channel: nil, terminal: $0, openID: nil) }
        for name in names { shard.put(.sample(number), name, era: 1) }
        let found = names.compactMap { shard.find(number, $0)?.page }
        #expect(found.count == names.count)
        #expect(found.allSatisfy { $0 === found[0] })
    }

    @Test func `a cached page is found only for the variants it was cached for`() {
        let page = ReadyPage.sample(OrderNumber("order_0")!)
        let channels = [nil, page.channel, Channel("alipay")!]
        let names = channels.flatMap { channel in
            ([nil] + Terminal.allCases).flatMap { terminal in
                [nil, "", "K1"].map { PageVariant(channel: channel, terminal: terminal, openID: $0) }
            }
        }
        for name in names {
            var shard = Self.shard(for: 2)
            shard.put(page, name, era: 1)
            #expect(names.filter { shard.find(page.number, $0) != nil } == [name])
        }
    }

    @Test func `a page replaces the earlier page of its variant in the cache`() {
        let number = OrderNumber("order_0")!
        let pages = ["one", "two", "three"].map { ReadyPage.sample(number, content: $0) }
        let names = [PageVariant.any, PageVariant(channel: nil, terminal: .h5, openID: nil)]
        var shard = CacheShard(capacity: 1 << 20)
        for name in names { shard.put(pages[0], name, era: 1) }
        shard.put(pages[1], names[0], era: 1)
        #expect(names.map { shard.find(number, $0)?.page === pages[1] } == [true, false])
        #expect(shard.find(number, names[1])?.page === pages[0])
        shard.put(pages[2], names[1], era: 1)
        #expect(shard.find(number, names[0])?.page === pages[1])
        #expect(shard.find(number, names[1])?.page === pages[2])
    }

    @Test func `two Unicode spellings of an openid are two payers in the cache`() {
        let number = OrderNumber("order_0")!
        var shard = Self.shard(for: 2)
        shard.put(.sample(number), PageVariant(channel: nil, terminal: nil, openID: "K1"), era: 1)
        #expect(shard.find(number, PageVariant(channel: nil, terminal: nil, openID: "\u{212A}1")) == nil)
        #expect(shard.find(number, PageVariant(channel: nil, terminal: nil, openID: nil)) == nil)
        #expect(shard.find(number, PageVariant(channel: nil, terminal: nil, openID: "K1")) != nil)
    }

    @Test func `the variants cached for one order are limited`() {
        let number = OrderNumber("order_0")!
        var shard = CacheShard(capacity: 1 << 20)
        let names = (0..<1_000).map { PageVariant(channel: nil, terminal: nil, openID: "payer \($0)") }
        for name in names { shard.put(.sample(number), name, era: 1) }
        #expect(names.count { shard.find(number, $0) != nil } == CachedPages.mostAnswers)
        #expect(shard.find(number, names[999]) != nil)
    }

    @Test func `a write to an order frees its room in the cache`() {
        var shard = Self.shard(for: 1)
        for round in 0..<100 {
            let page = ReadyPage.sample(OrderNumber("order_\(round)")!)
            shard.put(page, .any, era: 1)
            #expect(shard.find(page.number, .any) != nil)
            let writes = shard.writes(of: page.number)
            shard.beginWrite(page.number)
            #expect(shard.writes(of: page.number) != writes)
            #expect(shard.find(page.number, .any) == nil)
            #expect(shard.isWritten(page.number))
            shard.endWrite(page.number)
            #expect(!shard.isWritten(page.number))
        }
    }
}

extension ReadyPage {
    static func sample(
        _ number: OrderNumber, content: String = "weixin://wxpay/bizpayurl?pr=1", checkoutToken: String = "c1.token",
        expiresAt: Instant = Instant(milliseconds: 1_795_341_900_000)
    ) -> ReadyPage {
        let created = Instant(milliseconds: 1_795_341_600_000)
        let order = OrderSummary(
            number: number, userID: UserID("user_1")!, state: .new,
            money: Money(amount: 9_900, currency: Currency("CNY")!)!, subject: Subject("Tea for two")!, returnURL: nil,
            createdAt: created, deadline: created + .seconds(1_800))
        let page = Page(
            kind: .qr, content: content, terminal: .pc, openID: "", serves: [.pc], mintedAt: created,
            expiresAt: expiresAt)
        let served = ServedPage(tradeNumber: TradeNumber("order_1_1")!, channel: Channel("wechat")!, page: page)
        return ReadyPage(order, served, checkoutToken: checkoutToken)
    }
}
