import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// The fake is as strict as Stripe, so that a request that it accepts proves something.
@Suite(.timeLimit(.minutes(1))) struct FakeStripeTests {
    private static let now = HandMovedClock().now().milliseconds / 1_000

    @Test func `the fake Stripe rejects a wrong key`() async throws {
        try await withFake { (fake, call) async throws in
            for value in ["Bearer sk_test_other", "sk_test_fake", ""] {
                let answer = try await call(.session(Self.form(), authorization: value))
                #expect(answer.status == 401)
            }
            #expect(fake.trades.isEmpty)
        }
    }

    @Test func `the fake Stripe refuses a call without a version`() async throws {
        try await withFake { (fake, call) async throws in
            #expect(try await call(.session(Self.form(), version: nil)).status == 400)
            #expect(try await call(.session(Self.form(), version: "2024-01-01")).status == 400)
            #expect(fake.trades.isEmpty)
        }
    }

    @Test func `the fake Stripe replays the first answer for the same key and body`() async throws {
        try await withFake { (fake, call) async throws in
            let first = try await call(.session(Self.form(), key: "k1"))
            let second = try await call(.session(Self.form(), key: "k1"))
            #expect(first.status == 200)
            #expect(first.body == second.body)
            #expect(first.header("Idempotent-Replayed") == nil)
            #expect(second.header("Idempotent-Replayed") == "true")
            #expect(fake.trades.map(\.creates) == [2])
        }
    }

    @Test func `the fake Stripe refuses another body for a key, and creates a session for each create without one`()
        async throws
    {
        try await withFake { (fake, call) async throws in
            _ = try await call(.session(Self.form(), key: "k1"))
            let other = try await call(.session(Self.form(amount: 2_000), key: "k1"))
            #expect(other.status == 400)
            #expect(other.text.contains("idempotency_error"))
            _ = try await call(.session(Self.form()))
            _ = try await call(.session(Self.form()))
            #expect(fake.trades.count == 3)
        }
    }

    @Test func `the fake Stripe answers a concurrent key with a conflict that is not stored`() async throws {
        try await withFake { (fake, call) async throws in
            fake.setInFlight("k1", true)
            #expect(try await call(.session(Self.form(), key: "k1")).status == 409)
            fake.setInFlight("k1", false)
            #expect(try await call(.session(Self.form(), key: "k1")).status == 200)
        }
    }

    @Test func `the fake Stripe stores a 500 under its key only if the work had begun`() async throws {
        try await withFake { (fake, call) async throws in
            fake.willStoreError()
            #expect(try await call(.session(Self.form(), key: "k1")).status == 500)
            #expect(try await call(.session(Self.form(), key: "k1")).status == 500)
            fake.arm(.error, on: .create)
            #expect(try await call(.session(Self.form(), key: "k2")).status == 500)
            #expect(try await call(.session(Self.form(), key: "k2")).status == 200)
        }
    }

    @Test func `the fake Stripe forgets a key after a day and then creates a second session`() async throws {
        try await withFake { (fake, call) async throws in
            let clock = fake.clock
            _ = try await call(.session(Self.form(), key: "k1"))
            clock.advance(by: .seconds(24 * 3_600))
            let later = Self.form(expiresAt: Self.now + 24 * 3_600 + 3_600)
            #expect(try await call(.session(later, key: "k1")).status == 200)
            #expect(fake.trades.count == 2)
        }
    }

    private static let lives: [(Int64, Int)] = [(1_799, 400), (1_800, 200), (86_400, 200), (86_401, 400), (-1, 400)]

    @Test(arguments: lives)
    func `the fake Stripe's sessions live 30 minutes to 24 hours, and refusals are not stored`(
        _ life: Int64, _ status: Int
    ) async throws {
        try await withFake { (fake, call) async throws in
            let form = Self.form(expiresAt: Self.now + life)
            #expect(try await call(.session(form, key: "k1")).status == status)
            #expect(try await call(.session(Self.form(), key: "k1")).status == (status == 200 ? 400 : 200))
        }
    }

    @Test(arguments: [
        "ui_mode=hosted", "ui_mode=hosted_page", "mode=subscription", "line_items%5B0%5D%5Bquantity%5D=2", "tip=1",
        "line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=0",
        "line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=USD", "success_url=", "metadata%5Btrade_no%5D=%ZZ",
    ])
    func `the fake Stripe refuses a wrong, unknown or renamed parameter`(_ field: String) async throws {
        try await withFake { (fake, call) async throws in
            let name = field.prefix { $0 != "=" }
            let rest = Self.form().split(separator: "&").filter { !$0.hasPrefix("\(name)=") }
            let form = (rest + [field[...]]).joined(separator: "&")
            #expect(try await call(.session(form)).status == 400)
            #expect(fake.trades.isEmpty)
        }
    }

    @Test func `the fake Stripe expires or pays open sessions only`() async throws {
        try await withFake { (fake, call) async throws in
            _ = try await call(.session(Self.form()))
            let id = try #require(fake.trade("20261122_0001_1")?.reference)
            #expect(try await call(.post("/v1/checkout/sessions/\(id)/expire")).status == 200)
            #expect(try await call(.post("/v1/checkout/sessions/\(id)/expire")).status == 400)
            await #expect(throws: FakeProblem.self) { try await fake.pay("20261122_0001_1") }
            #expect(try await call(.ask("/v1/checkout/sessions/\(id)")).text.contains(#""url":null"#))
            #expect(try await call(.post("/v1/checkout/sessions/cs_none/expire")).status == 404)
            #expect(try await call(.ask("/v1/checkout/sessions/cs_none")).status == 404)
            _ = try await call(.session(Self.form(number: "20261122_0001_2")))
            fake.clock.advance(by: .seconds(2_400))
            await #expect(throws: FakeProblem.self) { try await fake.pay("20261122_0001_2") }
        }
    }

    @Test func `the fake Stripe makes one refund per key and never refunds more than was paid`() async throws {
        try await withFake { (fake, call) async throws in
            _ = try await call(.session(Self.form()))
            let payment = try await fake.pay("20261122_0001_1")
            let refund = { (amount: Int) in "payment_intent=\(payment)&amount=\(amount)&metadata%5Brefund_no%5D=r" }
            #expect(try await call(.post("/v1/refunds", refund(2_000), key: "a")).status == 400)
            #expect(try await call(.post("/v1/refunds", refund(1_000), key: "b")).status == 200)
            #expect(try await call(.post("/v1/refunds", refund(1_000), key: "b")).status == 200)
            #expect(fake.trade("20261122_0001_1")?.refunded == 1_000)
            #expect(try await call(.post("/v1/refunds", refund(1_000), key: "c")).status == 400)
            #expect(try await call(.post("/v1/refunds", refund(999), key: "d")).status == 200)
            let more = try await call(.post("/v1/refunds", refund(1), key: "e"))
            #expect(more.text.contains("charge_already_refunded"))
            #expect(fake.trade("20261122_0001_1")?.state == .refunded)
            let list = try await call(.ask("/v1/refunds?payment_intent=\(payment)&limit=1"))
            #expect(list.text.contains(#""has_more":true"#))
            let newest = try #require(fake.trade("20261122_0001_1")?.refunds.count)
            #expect(newest == 2)
            let id = try #require(list.text.firstMatch(of: /re_[0-9]+/)?.output)
            let rest = try await call(.ask("/v1/refunds?payment_intent=\(payment)&limit=1&starting_after=\(id)"))
            #expect(rest.text.contains(#""has_more":false"#) && !rest.text.contains("\"\(id)\""))
            #expect(try await call(.ask("/v1/refunds/\(id)")).text.contains(#""amount":999"#))
            #expect(try await call(.ask("/v1/refunds/re_none")).status == 404)
        }
    }

    private struct Running {
        let fake: FakeStripe
        let clock: HandMovedClock

        var trades: [FakeTrade] { fake.trades }
        func trade(_ number: String) -> FakeTrade? { fake.trade(number) }
        func pay(_ number: String) async throws -> String { try await fake.pay(number) }
        func arm(_ fault: FakeFault, on operation: FakeOperation) { fake.arm(fault, on: operation) }
        func willStoreError() { fake.willStoreError() }
        func setInFlight(_ key: String, _ isInFlight: Bool) { fake.setInFlight(key, isInFlight) }
    }

    private typealias Call = (ProviderRequest) async throws -> ProviderReply

    private func withFake(_ body: (Running, Call) async throws -> Void) async throws {
        let clock = HandMovedClock()
        let fake = FakeStripe(clock: clock)
        try await fake.whileRunning {
            try await withTransport { transport in
                try await body(Running(fake: fake, clock: clock)) { request in
                    try await transport.send(
                        ProviderRequest(
                            method: request.method, url: fake.baseURL + request.url, headers: request.headers,
                            body: request.body))
                }
            }
        }
    }

    /// Encoded without the adapter's code.
    private static func form(
        amount: Int = 1_999, number: String = "20261122_0001_1", expiresAt: Int64 = now + 2_400
    ) -> String {
        "mode=payment&line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=usd"
            + "&line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=\(amount)"
            + "&line_items%5B0%5D%5Bprice_data%5D%5Bproduct_data%5D%5Bname%5D=Tea+for+two"
            + "&line_items%5B0%5D%5Bquantity%5D=1&success_url=https%3A%2F%2Fshop.example.com"
            + "&client_reference_id=\(number)&metadata%5Btrade_no%5D=\(number)&expires_at=\(expiresAt)"
    }
}

extension ProviderReply {
    fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}

extension ProviderRequest {
    fileprivate static func session(
        _ form: String, key: String? = nil, authorization: String = "Bearer sk_test_fake",
        version: String? = "2026-10-28.endive"
    ) -> Self {
        post("/v1/checkout/sessions", form, key: key, authorization: authorization, version: version)
    }

    fileprivate static func post(
        _ path: String, _ form: String = "", key: String? = nil, authorization: String = "Bearer sk_test_fake",
        version: String? = "2026-10-28.endive"
    ) -> Self {
        var headers = [
            Header(name: "Authorization", value: authorization),
            Header(name: "Content-Type", value: "application/x-www-form-urlencoded"),
        ]
        if let key { headers.append(Header(name: "Idempotency-Key", value: key)) }
        if let version { headers.append(Header(name: "Stripe-Version", value: version)) }
        return Self(method: .post, url: path, headers: headers, body: Array(form.utf8))
    }

    fileprivate static func ask(_ path: String) -> Self {
        Self(
            method: .get, url: path,
            headers: [
                Header(name: "Authorization", value: "Bearer sk_test_fake"),
                Header(name: "Stripe-Version", value: "2026-10-28.endive"),
            ])
    }
}
