import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// The exact bytes of the requests.
@Suite struct StripeRequestTests {
    private typealias Fixture = StripeFixture

    @Test(arguments: [
        ("T1", "T1"),
        ("Tea for two", "Tea%20for%20two"),
        ("a+b&c=d", "a%2Bb%26c%3Dd"),
        ("line_items[0][quantity]", "line_items%5B0%5D%5Bquantity%5D"),
        ("两杯茶", "%E4%B8%A4%E6%9D%AF%E8%8C%B6"),
        ("🍵", "%F0%9F%8D%B5"),
        ("100%\"<>'", "100%25%22%3C%3E%27"),
        ("-._~", "-._~"),
        ("\u{0}\t\n", "%00%09%0A"),
        ("", ""),
    ])
    func `a Stripe form percent-encodes everything but letters and digits`(
        _ text: String, _ encoded: String
    ) {
        var form = StripeForm()
        form.add(text, text)
        #expect(form.text == "\(encoded)=\(encoded)")
    }

    @Test func `a Stripe create has exactly this body, which must not change while old keys live`() async throws {
        let script = StripeScript { _ in ProviderReply(status: 500) }
        let stored = Fixture.stored(subject: "两杯茶 & 🍵", returnURL: "https://shop.example.com/o?id=1&x=y")
        _ = await Fixture.provider(over: script).create(Fixture.create(stored))
        let request = try #require(script.requests.first)
        #expect(request.method == .post)
        #expect(request.url == "http://127.0.0.1:9000/v1/checkout/sessions")
        let back = "https%3A%2F%2Fshop.example.com%2Fo%3Fid%3D1%26x%3Dy"
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == [
                    "mode=payment", "line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=usd",
                    "line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=1999",
                    "line_items%5B0%5D%5Bprice_data%5D%5Bproduct_data%5D%5Bname%5D=%E4%B8%A4%E6%9D%AF%E8%8C%B6%20%26%20"
                        + "%F0%9F%8D%B5",
                    "line_items%5B0%5D%5Bquantity%5D=1", "success_url=\(back)", "cancel_url=\(back)",
                    "client_reference_id=20261122_0001_1", "metadata%5Btrade_no%5D=20261122_0001_1",
                    "payment_intent_data%5Bmetadata%5D%5Btrade_no%5D=20261122_0001_1", "expires_at=1795344000",
                ].joined(separator: "&"))
    }

    @Test func `a repeated Stripe create has the same bytes and key in every call`() async {
        let clock = HandMovedClock()
        let script = StripeScript { _ in ProviderReply(status: 500) }
        let provider = Fixture.provider(over: script, clock: clock)
        _ = await provider.create(Fixture.create())
        clock.advance(by: .seconds(1_200))
        _ = await provider.create(Fixture.create(for: .app))
        clock.advance(by: .seconds(1_200))
        _ = await provider.query(Fixture.trade(named: nil))
        _ = await provider.close(Fixture.trade(named: nil))
        #expect(script.requests.count == 4)
        #expect(script.requests.allSatisfy { $0 == script.requests[0] })
    }

    @Test func `every Stripe call has the key and the API version`() async throws {
        let script = StripeScript { _ in ProviderReply(status: 500) }
        let provider = Fixture.provider(over: script)
        _ = await provider.create(Fixture.create())
        _ = await provider.query(Fixture.trade())
        _ = await provider.close(Fixture.trade())
        _ = await provider.refund(Fixture.refund)
        _ = await provider.follow(Fixture.refund)
        #expect(script.requests.count == 5)
        for request in script.requests {
            let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
            #expect(headers["Authorization"] == "Bearer sk_test_key")
            #expect(headers["Stripe-Version"] == "2026-10-28.endive")
            let isPost = request.method == .post
            #expect(headers["Content-Type"] == (isPost ? "application/x-www-form-urlencoded" : nil))
            #expect(request.method == .post || request.body.isEmpty)
        }
        let keys = script.requests.map { request in request.headers.first { $0.name == "Idempotency-Key" }?.value }
        let created = Fixture.now.milliseconds
        #expect(
            keys == [
                "paypage_20261122_0001_1_\(created)", nil, nil, "paypage_20261122_0001_1_r1_\(created)", nil,
            ])
    }

    @Test func `a Stripe refund has its payment, amount and number, and no reason`() async throws {
        let script = StripeScript { _ in ProviderReply(status: 500) }
        _ = await Fixture.provider(over: script).refund(Fixture.refund)
        let request = try #require(script.requests.first)
        #expect(request.url == "http://127.0.0.1:9000/v1/refunds")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "payment_intent=pi_1&amount=1999&metadata%5Brefund_no%5D=20261122_0001_1_r1")
    }

    @Test(arguments: [
        // The provider deadline in milliseconds after the attempt was created at …00.250, and the requested life in
        // seconds after …00.
        (Int64(60_000), Int64(2_401)),
        (1_800_000, 2_401),
        (2_400_000, 2_401),
        (2_400_001, 2_401),
        (2_399_750, 2_401),
        (2_400_751, 2_402),
        (3_600_000, 3_601),
        (3_599_750, 3_600),
        (86_100_000, 86_100),
        (86_099_750, 86_100),
        (999_999_000, 86_100),
    ])
    func `a Stripe session expires at the deadline, but within 40 minutes to 5 minutes under a day`(
        _ deadline: Int64, _ life: Int64
    ) {
        let created = Fixture.now + .milliseconds(250)
        let session = StripeNewSession(
            number: Fixture.number, stored: Fixture.stored(deadline: created + .milliseconds(deadline)),
            createdAt: created)
        #expect(session.expiresAt == Fixture.nowSeconds + life)
        #expect(session.expiresAt * 1_000 > created.milliseconds + 30 * 60_000)
        #expect(session.expiresAt * 1_000 < created.milliseconds + 24 * 3_600_000)
    }

    @Test(arguments: [
        ("https://pay.example.com/v1/notices/stripe", "https://pay.example.com/"),
        ("https://pay.example.com:8443/v1/notices/stripe", "https://pay.example.com:8443/"),
        ("https://example.com/pay/v1/notices/stripe", "https://example.com/pay/"),
        ("http://127.0.0.1:8080/v1/notices/stripe", "http://127.0.0.1:8080/"),
        ("https://example.com/elsewhere/entirely", "https://example.com/"),
        ("https://example.com", "https://example.com/"),
    ])
    func `a Stripe order without a return URL returns to the service`(_ notify: String, _ back: String) {
        let session = StripeNewSession(
            number: Fixture.number, stored: Fixture.stored(notifyURL: notify), createdAt: Fixture.now)
        #expect(session.returnURL == back)
    }

    @Test func `a Stripe id in a path is percent-encoded`() {
        let reference = ProviderReference("cs/../x?y#z")!
        #expect(StripeRequest.retrieve(reference).path == "/v1/checkout/sessions/cs%2F..%2Fx%3Fy%23z")
        #expect(StripeRequest.expire(reference).path == "/v1/checkout/sessions/cs%2F..%2Fx%3Fy%23z/expire")
        let payment = TransactionID("pi 1&limit=1")!
        #expect(StripeRequest.refunds(of: payment).path == "/v1/refunds?payment_intent=pi%201%26limit%3D1&limit=100")
        #expect(
            StripeRequest.refunds(of: payment, after: "re/1").path
                == "/v1/refunds?payment_intent=pi%201%26limit%3D1&limit=100&starting_after=re%2F1")
        #expect(StripeRequest.refund(named: "re_1/../x").path == "/v1/refunds/re_1%2F..%2Fx")
    }

    @Test func `Stripe refuses jsapi without a call`() async {
        let script = StripeScript { _ in ProviderReply(status: 500) }
        let answer = await Fixture.provider(over: script).create(Fixture.create(for: .jsapi))
        #expect(answer == .refused(reason: "terminal_not_served"))
        #expect(script.requests.isEmpty)
    }
}
