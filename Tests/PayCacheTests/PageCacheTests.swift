import PayCore
import PayFlow
import Synchronization
import Testing

@testable import PayCache

/// Proofs by an era that a test controls.
private final class SteppedProofs: PageProofs {
    private let known = Mutex<Int64?>(1)

    func ticket() -> ReadTicket? { known.withLock { $0.map { ReadTicket(era: $0) } } }

    func mark(of version: Int64, readUnder ticket: ReadTicket) -> PageMark { PageMark(ticket.era) }

    func look(at number: OrderNumber, _ mark: PageMark) -> PageVerdict {
        .known(known.withLock { $0.map { $0 == mark.value ? .same : .other } ?? .unknown })
    }

    func ask(about number: OrderNumber, _ mark: PageMark, _ tell: @escaping @Sendable (PageProof) -> Void) {
        Issue.record("every proof is known at once")
    }

    /// Sets the era. Nil means that another process is committing.
    func become(_ era: Int64?) { known.withLock { $0 = era } }
}

/// Proofs that a test answers by hand.
private final class AskedProofs: PageProofs {
    private let questions = Mutex<[(mark: PageMark, tell: @Sendable (PageProof) -> Void)]>([])

    func ticket() -> ReadTicket? { ReadTicket(era: 0) }

    func mark(of version: Int64, readUnder ticket: ReadTicket) -> PageMark { PageMark(version) }

    func look(at number: OrderNumber, _ mark: PageMark) -> PageVerdict { .mustBeAsked }

    func ask(about number: OrderNumber, _ mark: PageMark, _ tell: @escaping @Sendable (PageProof) -> Void) {
        questions.withLock { $0.append((mark, tell)) }
    }

    var marks: [PageMark] { questions.withLock { $0.map(\.mark) } }

    func answer(_ proof: PageProof) {
        let waiting = questions.withLock { questions in
            defer { questions = [] }
            return questions
        }
        for question in waiting { question.tell(proof) }
    }
}

extension PageCache {
    /// The page, if it is known to be current.
    fileprivate func current(_ number: OrderNumber, _ variant: PageVariant) -> ReadyPage? {
        if case .current(let page) = find(number, variant) { page } else { nil }
    }
}

/// The rules for finding and adding pages.
@Suite struct PageCacheTests {
    private let proofs = SteppedProofs()
    private let cache: PageCache
    private let number = OrderNumber("order_1")!

    init() {
        cache = PageCache(capacity: 16 << 20, proofs: proofs)
    }

    private func isFound(_ page: ReadyPage) -> Bool { cache.current(page.number, .any) === page }

    @Test func `a page that was read without a concurrent write is found`() throws {
        let page = ReadyPage.sample(number)
        cache.put(page, .any, version: 1, try #require(cache.ticket(for: number)))
        #expect(isFound(page))
        #expect(cache.current(OrderNumber("order_2")!, .any) == nil)
        #expect(cache.current(number, PageVariant(channel: nil, terminal: .h5, openID: nil)) == nil)
    }

    @Test func `from the start of a write on, the earlier page is not found`() throws {
        let page = ReadyPage.sample(number)
        cache.put(page, .any, version: 1, try #require(cache.ticket(for: number)))
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
            cache.put(page, .any, version: 1, ticket)
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
        cache.put(page, .any, version: 1, try #require(cache.ticket(for: number)))
        #expect(isFound(page))
    }

    @Test func `a write to one order keeps the cached pages of others`() throws {
        let others = (2..<50).map { ReadyPage.sample(OrderNumber("order_\($0)")!) }
        for page in others { cache.put(page, .any, version: 1, try #require(cache.ticket(for: page.number))) }
        cache.began(on: number)
        cache.ended(on: number)
        for page in others { #expect(isFound(page)) }
    }

    @Test func `a start over drops all pages, and adds none of calls that began before it`() throws {
        let page = ReadyPage.sample(number)
        cache.put(page, .any, version: 1, try #require(cache.ticket(for: number)))
        let early = try #require(cache.ticket(for: number))
        let next = cache.startOver()
        #expect(!isFound(page))
        cache.put(page, .any, version: 1, early)
        #expect(!isFound(page))
        #expect(cache.ticket(for: number) == nil)
        cache.put(page, .any, version: 1, try #require(cache.ticket(for: number, edition: next)))
        #expect(isFound(page))
    }

    @Test func `another process's commit drops all cached pages`() throws {
        let page = ReadyPage.sample(number)
        cache.put(page, .any, version: 1, try #require(cache.ticket(for: number)))
        proofs.become(nil)
        #expect(!isFound(page))
        proofs.become(2)
        #expect(!isFound(page))
        let next = ReadyPage.sample(number)
        cache.put(next, .any, version: 1, try #require(cache.ticket(for: number)))
        #expect(isFound(next))
    }

    @Test func `a page that was read during another process's commit is never found`() throws {
        for (during, after) in [(2, 3), (nil, 4)] as [(Int64?, Int64)] {
            let ticket = try #require(cache.ticket(for: number))
            proofs.become(during)
            let page = ReadyPage.sample(number)
            cache.put(page, .any, version: 1, ticket)
            #expect(!isFound(page))
            proofs.become(after)
            #expect(!isFound(page))
        }
    }

    @Test func `while other processes' commits are unknown, no page is cached`() {
        proofs.become(nil)
        #expect(cache.ticket(for: number) == nil)
    }

    @Test func `cached pages of an order from two eras are not mixed`() throws {
        let old = ReadyPage.sample(number)
        cache.put(old, .any, version: 1, try #require(cache.ticket(for: number)))
        proofs.become(2)
        let variant = PageVariant(channel: nil, terminal: .h5, openID: nil)
        let new = ReadyPage.sample(number, content: "another")
        cache.put(new, variant, version: 1, try #require(cache.ticket(for: number)))
        #expect(cache.current(number, variant) === new)
        #expect(cache.current(number, .any) == nil)
    }

    @Test func `a page cache without capacity keeps no page`() throws {
        let none = PageCache(capacity: 0, proofs: proofs)
        none.put(.sample(number), .any, version: 1, try #require(none.ticket(for: number)))
        #expect(none.current(number, .any) == nil)
    }
}

/// The rules of a cache whose store has to be asked for each proof.
@Suite struct UnprovenPageTests {
    private let proofs = AskedProofs()
    private let cache: PageCache
    private let number = OrderNumber("order_1")!
    private let page: ReadyPage

    init() throws {
        cache = PageCache(capacity: 16 << 20, proofs: proofs)
        page = ReadyPage.sample(number)
        cache.put(page, .any, version: 7, try #require(cache.ticket(for: number)))
    }

    /// The mark of the found page, which must be the cached one.
    private func mark() throws -> PageMark {
        guard case .unproven(let found, let mark) = cache.find(number, .any), found === page else {
            throw NotFound()
        }
        return mark
    }

    private struct NotFound: Error {}

    @Test func `a found page has the version of its read as mark`() throws {
        #expect(try mark() == PageMark(7))
    }

    @Test(arguments: [PageProof.same, .other, .unknown])
    func `only a page whose version is the same is told as current`(_ proof: PageProof) throws {
        let told = Mutex<[Bool]>([])
        cache.prove(page, try mark()) { isCurrent in told.withLock { $0.append(isCurrent) } }
        #expect(proofs.marks == [PageMark(7)])
        #expect(told.withLock { $0 } == [])
        proofs.answer(proof)
        #expect(told.withLock { $0 } == [proof == .same])
    }

    @Test func `a page of a changed order is dropped`() throws {
        cache.prove(page, try mark()) { _ in }
        proofs.answer(.other)
        #expect(throws: NotFound.self) { try mark() }
    }

    @Test func `a page stays cached while the store can't be asked`() throws {
        cache.prove(page, try mark()) { _ in }
        proofs.answer(.unknown)
        #expect(try mark() == PageMark(7))
    }

    @Test func `an answer about an earlier version keeps the page of the next one`() throws {
        cache.prove(page, try mark()) { _ in }
        cache.put(page, .any, version: 8, try #require(cache.ticket(for: number)))
        proofs.answer(.other)
        #expect(try mark() == PageMark(8))
    }
}

/// The rules for keeping and evicting pages.
@Suite struct CacheShardTests {
    private static let weight = CachedPages(.sample(OrderNumber("order_0")!), .any, PageMark(1)).weight

    private static func pages(_ count: Int) -> [ReadyPage] {
        (0..<count).map { ReadyPage.sample(OrderNumber("order_\($0)")!) }
    }

    private static func shard(for count: Int) -> CacheShard { CacheShard(capacity: count * (weight + 16)) }

    @Test func `a cache shard never exceeds its capacity`() {
        var shard = Self.shard(for: 10)
        let pages = Self.pages(100)
        for page in pages { shard.put(page, .any, PageMark(1)) }
        let kept = pages.filter { shard.find($0.number, .any) != nil }
        #expect((5...10).contains(kept.count))
        #expect(kept.contains { $0 === pages[99] })
    }

    @Test func `a cache shard keeps used pages and evicts unused ones`() {
        var shard = Self.shard(for: 10)
        let pages = Self.pages(100)
        for page in pages {
            shard.put(page, .any, PageMark(1))
            #expect(shard.find(pages[0].number, .any) != nil, "\(page.number)")
        }
    }

    @Test func `a page larger than its cache shard is not kept and evicts nothing`() {
        var shard = Self.shard(for: 2)
        let small = ReadyPage.sample(OrderNumber("order_0")!)
        shard.put(small, .any, PageMark(1))
        let large = ReadyPage.sample(OrderNumber("large")!, content: String(repeating: "x", count: 10_000))
        shard.put(large, .any, PageMark(1))
        #expect(shard.find(large.number, .any) == nil)
        #expect(shard.find(small.number, .any) != nil)
    }

    @Test func `a page cached for several variants is kept once`() {
        let number = OrderNumber("order_0")!
        // Two copies and five names would need more.
        var shard = Self.shard(for: 2)
        let names = [PageVariant.any] + Terminal.allCases.map { PageVariant(channel: nil, terminal: $0, openID: nil) }
        for name in names { shard.put(.sample(number), name, PageMark(1)) }
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
            shard.put(page, name, PageMark(1))
            #expect(names.filter { shard.find(page.number, $0) != nil } == [name])
        }
    }

    @Test func `a page replaces the earlier page of its variant in the cache`() {
        let number = OrderNumber("order_0")!
        let pages = ["one", "two", "three"].map { ReadyPage.sample(number, content: $0) }
        let names = [PageVariant.any, PageVariant(channel: nil, terminal: .h5, openID: nil)]
        var shard = CacheShard(capacity: 1 << 20)
        for name in names { shard.put(pages[0], name, PageMark(1)) }
        shard.put(pages[1], names[0], PageMark(1))
        #expect(names.map { shard.find(number, $0)?.page === pages[1] } == [true, false])
        #expect(shard.find(number, names[1])?.page === pages[0])
        shard.put(pages[2], names[1], PageMark(1))
        #expect(shard.find(number, names[0])?.page === pages[1])
        #expect(shard.find(number, names[1])?.page === pages[2])
    }

    @Test func `two Unicode spellings of an openid are two payers in the cache`() {
        let number = OrderNumber("order_0")!
        var shard = Self.shard(for: 2)
        shard.put(.sample(number), PageVariant(channel: nil, terminal: nil, openID: "K1"), PageMark(1))
        #expect(shard.find(number, PageVariant(channel: nil, terminal: nil, openID: "\u{212A}1")) == nil)
        #expect(shard.find(number, PageVariant(channel: nil, terminal: nil, openID: nil)) == nil)
        #expect(shard.find(number, PageVariant(channel: nil, terminal: nil, openID: "K1")) != nil)
    }

    @Test func `the variants cached for one order are limited`() {
        let number = OrderNumber("order_0")!
        var shard = CacheShard(capacity: 1 << 20)
        let names = (0..<1_000).map { PageVariant(channel: nil, terminal: nil, openID: "payer \($0)") }
        for name in names { shard.put(.sample(number), name, PageMark(1)) }
        #expect(names.count { shard.find(number, $0) != nil } == CachedPages.mostAnswers)
        #expect(shard.find(number, names[999]) != nil)
    }

    @Test func `a write to an order frees its room in the cache`() {
        var shard = Self.shard(for: 1)
        for round in 0..<100 {
            let page = ReadyPage.sample(OrderNumber("order_\(round)")!)
            shard.put(page, .any, PageMark(1))
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
