import HTTPTypes
import HummingbirdCore
import NIOCore
import PayCache
import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@testable import PayCheckout

private typealias S = CheckoutSample

@Suite(.timeLimit(.minutes(5))) struct CheckoutPagesTests {
    private let pages = CheckoutPages(deadlines: S.deadlines)
    private let html = CheckoutHTML("<html>", compressing: false)

    private func question(_ token: String = "c1", channels: [PayCore.Channel] = S.channels) -> CheckoutPages.Question {
        .init(
            token: token, reading: CheckoutReading(Self.request("/", "identity")), channels: channels,
            isLinkOver: false)
    }

    private static func request(_ path: String, _ encoding: String) -> Request {
        Request(
            head: HTTPRequest(
                method: .get, scheme: nil, authority: nil, path: path, headerFields: [.acceptEncoding: encoding]),
            body: .init(buffer: ByteBuffer()))
    }

    private static let open = S.order(.new, [S.attempt(1, .open, [S.page()])])

    @Test func `a cached checkout page is found as long as its order is unchanged`() {
        pages.keep(html, question(), of: Self.open, at: S.now)
        #expect(pages.page(question(), of: Self.open, at: S.now + .milliseconds(999)) == html)
        #expect(pages.page(question("c2"), of: Self.open, at: S.now) == nil)
        #expect(pages.page(question(channels: []), of: Self.open, at: S.now) == nil)
        #expect(pages.page(question(), of: S.order(.closed(at: S.now)), at: S.now) == nil)
        #expect(pages.page(question(), of: Self.open, at: S.now + .milliseconds(1_000)) == nil, "the next second")
        #expect(pages.page(question(), of: Self.open, at: S.now - .milliseconds(1)) == nil, "a clock that goes back")
    }

    @Test(arguments: [
        S.order(.new, [S.attempt(1, .open, [expiring])]),
        S.order(
            .new, [S.attempt(1, .open, [S.page()])],
            lease: Lease(owner: WorkerID("w"), endsAt: turn, isUnanswered: false)),
        withDeadline(turn), withDeadline(turn + S.deadlines.margin),
    ])
    func `a cached checkout page is not used after time has changed it`(order: Order) {
        pages.keep(html, question(), of: order, at: S.now)
        #expect(pages.page(question(), of: order, at: Self.turn - .milliseconds(1)) == html)
        #expect(pages.page(question(), of: order, at: Self.turn) == nil)
    }

    private static let turn = S.now + .milliseconds(300)

    private static let expiring = Page(
        kind: .qr, content: "q", terminal: .pc, openID: "", serves: [], mintedAt: S.now - .seconds(1), expiresAt: turn)

    private static func withDeadline(_ deadline: Instant) -> Order {
        Order(
            number: S.number, userID: UserID("user_1")!, money: open.money, subject: open.subject, returnURL: nil,
            createdAt: S.now - .seconds(60), deadline: deadline)
    }

    @Test func `the cache of checkout pages is limited in bytes`() {
        let large = CheckoutHTML(String(repeating: " ", count: 1 << 20), compressing: false)
        for index in 1...6 { pages.keep(large, question("c\(index)"), of: Self.open, at: S.now) }
        #expect((1...6).map { pages.page(question("c\($0)"), of: Self.open, at: S.now) != nil }.count { $0 } == 4)
        let later = S.now + .seconds(1)
        pages.keep(large, question("c6"), of: Self.open, at: later)
        #expect(pages.page(question("c6"), of: Self.open, at: later) == large)
    }

    @Test func `a page without an order is rendered once for each language, terminal and encoding`() {
        var drawn = 0
        let readings = CheckoutLanguage.allCases.flatMap { language in
            Terminal.allCases.flatMap { terminal in
                ["gzip", "identity"].map { encoding in
                    CheckoutReading(Self.request("/?lang=\(language.rawValue)&terminal=\(terminal.rawValue)", encoding))
                }
            }
        }
        for _ in 1...3 {
            for reading in readings {
                for page in [CheckoutPages.Fixed.noLink, .broken] {
                    let html = CheckoutHTML("\(page) \(reading)", compressing: false)
                    let found = pages.fixed(page, reading) {
                        drawn += 1
                        return html
                    }
                    #expect(found == html)
                }
            }
        }
        #expect(drawn == 2 * 2 * CheckoutLanguage.allCases.count * Terminal.allCases.count)
    }

    @Test func `a change within the cached second is shown at once`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            #expect(try await shopper.look().state == "ready")
            try await service.payAndSettle()
            #expect(try await shopper.look().state == "paid")
        }
    }

    @Test func `a link that expires within the cached second is refused at once`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.clock.advance(by: .milliseconds(200))
            let shopper = service.shopper(for: 1)
            service.clock.advance(by: .milliseconds(800))
            #expect(try await shopper.look().status == 200)
            service.clock.advance(by: .milliseconds(200))
            #expect(try await shopper.look().status == 410)
            #expect(try await shopper.look().status == 410)
        }
    }
}

@Suite struct RecentBytesTests {
    private func cache(_ most: Int) -> RecentBytes<Int> { RecentBytes(mostBytes: most) { _ in 10 } }
    private let body = ByteBuffer(repeating: 1, count: 90)

    @Test func `the cache of bodies keeps what fits and no more than its limit`() {
        let cache = cache(2_000)
        for key in 1...100 { cache.keep(body, for: key) }
        let kept = (1...100).filter { cache[$0] != nil }
        #expect((10...20).contains(kept.count) && kept.last == 100)
    }

    @Test func `the cache of bodies keeps a used entry`() {
        let cache = cache(2_000)
        cache.keep(body, for: 0)
        for key in 1...100 {
            cache.keep(body, for: key)
            #expect(cache[0] == body)
        }
    }

    @Test func `the cache of bodies refuses an entry larger than a half`() {
        let cache = cache(2_000)
        cache.keep(ByteBuffer(repeating: 1, count: 991), for: 1)
        #expect(cache[1] == nil)
        cache.keep(ByteBuffer(repeating: 1, count: 990), for: 1)
        #expect(cache[1] != nil)
    }
}
