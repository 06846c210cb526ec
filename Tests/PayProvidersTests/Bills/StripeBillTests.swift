import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// Stripe's balance transactions as a bill.
@Suite(.timeLimit(.minutes(5))) struct StripeBillTests {
    private static let day = BillDay(containing: StripeFixture.now)
    private static let created = StripeFixture.nowSeconds

    private static func transaction(
        _ type: String = "charge", currency: String = "eur", created: Int64 = created, fee: String = "30",
        source: String = charge()
    ) -> String {
        #"{"id":"txn_1","object":"balance_transaction","amount":999,"created":\#(created),"currency":"\#(currency)","#
            + #""fee":\#(fee),"net":969,"source":\#(source),"status":"available","type":"\#(type)"}"#
    }

    private static func charge(
        amount: String = "1999", currency: String = "usd", payment: String = "\"pi_1\"",
        metadata: String = #"{"trade_no":"20261122_0001_1"}"#
    ) -> String {
        #"{"id":"ch_1","object":"charge","amount":\#(amount),"currency":"\#(currency)","metadata":\#(metadata),"#
            + #""payment_intent":\#(payment),"status":"succeeded"}"#
    }

    private static func refund(status: String = "succeeded", metadata: String) -> String {
        #"{"id":"re_1","object":"refund","amount":500,"charge":"ch_1","currency":"usd","metadata":\#(metadata),"#
            + #""payment_intent":"pi_1","status":"\#(status)"}"#
    }

    private static func page(_ transactions: [String], hasMore: Bool = false) -> String {
        #"{"object":"list","data":[\#(transactions.joined(separator: ","))],"has_more":\#(hasMore)}"#
    }

    private func bill(
        _ script: @escaping StripeScript.Line
    ) async throws -> (answer: BillAnswer, rows: [BillRow], requests: [ProviderRequest]) {
        let clock = HandMovedClock(Self.day.end)
        let transport = StripeScript(script)
        let provider = StripeProvider(
            StripeFixture.configuration(), transport: GuardedTransport(transport, clock: clock), clock: clock,
            downloads: SuiteTransports.downloads)
        let caught = BillCatch()
        let answer = try await #require(provider.bills).bill(of: Self.day) { caught.take($0) }
        return (answer, caught.all, transport.requests)
    }

    private func rows(_ transactions: String...) async throws -> [BillRow] {
        let text = Self.page(transactions)
        return try await bill { _ in ProviderReply(status: 200, body: Array(text.utf8)) }.rows
    }

    private static func line(
        kind: BillLine.Kind = .payment, status: BillLine.Status = .succeeded, trade: String = "20261122_0001_1",
        refundNumber: String? = nil, refundID: String? = nil, amount: Int64 = 1_999, fee: Int64? = nil
    ) -> BillRow {
        .line(
            BillLine(
                row: 1, kind: kind, status: status, tradeNumber: trade, transactionID: "pi_1",
                refundNumber: refundNumber, providerRefundID: refundID, amount: amount, currencyCode: "USD",
                feeMicros: fee, at: StripeFixture.now))
    }

    @Test func `a payment has the charge's own amount and currency, never the balance's`() async throws {
        #expect(try await rows(Self.transaction()) == [Self.line()])
        #expect(try await rows(Self.transaction("payment")) == [Self.line()])
        #expect(try await rows(Self.transaction(currency: "usd")) == [Self.line(fee: 300_000)])
    }

    @Test func `a payment that is not ours is named by its charge`() async throws {
        #expect(try await rows(Self.transaction(source: Self.charge(metadata: "{}"))) == [Self.line(trade: "ch_1")])
        let other = Self.charge(metadata: #"{"trade_no":7}"#)
        #expect(try await rows(Self.transaction(source: other)) == [Self.line(trade: "ch_1")])
    }

    @Test(arguments: ["succeeded", "pending", "failed"]) func `a refund is succeeded or accepted`(_ status: String)
        async throws
    {
        let ours = Self.refund(status: status, metadata: #"{"refund_no":"20261122_0001_1_m1"}"#)
        #expect(
            try await rows(Self.transaction("refund", source: ours)) == [
                Self.line(
                    kind: .refund, status: status == "succeeded" ? .succeeded : .accepted,
                    refundNumber: "20261122_0001_1_m1", refundID: "re_1", amount: 500)
            ])
    }

    @Test func `a refund made in the dashboard has no number, and one that failed is told`() async throws {
        let unnamed = Self.refund(metadata: "{}")
        #expect(
            try await rows(Self.transaction("payment_refund", source: unnamed)) == [
                Self.line(kind: .refund, trade: "pi_1", refundID: "re_1", amount: 500)
            ])
        #expect(
            try await rows(Self.transaction("refund_failure", source: unnamed)) == [
                Self.line(kind: .refund, status: .failed, trade: "pi_1", refundID: "re_1", amount: 500)
            ])
        #expect(try await rows(Self.transaction("payment_failure_refund")) == [Self.line(status: .failed)])
    }

    @Test(arguments: ["payout", "adjustment", "stripe_fee"]) func `other transactions keep their type`(_ type: String)
        async throws
    {
        #expect(try await rows(Self.transaction(type, source: "null")) == [.other(row: 1, type: type)])
    }

    @Test(arguments: [
        (transaction(source: "\"ch_1\""), "source: not a charge"),
        (transaction(source: "null"), "source: not a charge"),
        (transaction("refund"), "source: not a refund"),
        (transaction(source: charge(amount: "0")), "source.amount: not an amount"),
        (transaction(source: charge(amount: "-5")), "source.amount: not an amount"),
        (transaction(source: charge(amount: "19.99")), "source.amount: not an amount"),
        (transaction(source: charge(currency: "xxx")), "source.currency: unknown value"),
        (transaction(created: created + 86_400), "created: not a time of the day"),
        (transaction(source: charge(metadata: #"{"trade_no":"一"}"#)), "metadata.trade_no: not a number"),
        ("{}", "type: not a word"), ("7", "type: not a word"), (transaction("a b"), "type: not a word"),
    ])
    func `a transaction that is not understood is told with its field`(_ text: String, _ why: String) async throws {
        #expect(try await rows(text, Self.transaction()).map(\.why) == [why, nil])
    }

    @Test func `all pages are read before a row is handed over, and each begins after the one before`() async throws {
        let (first, second) = (Self.page([Self.transaction()], hasMore: true), Self.page([]))
        let (answer, rows, requests) = try await bill { request in
            ProviderReply(
                status: 200, body: Array((request.url.contains("starting_after=txn_1") ? second : first).utf8))
        }
        guard case .bill(let file) = answer else { return #expect(Bool(false), "\(answer)") }
        #expect(file.rows == 1 && rows.count == 1)
        #expect(requests.count == 2)
        let start = Self.day.start.milliseconds / 1_000
        #expect(
            requests[0].url
                == "http://127.0.0.1:9000/v1/balance_transactions?created%5Bgte%5D=\(start)"
                + "&created%5Blt%5D=\(start + 86_400)&expand%5B%5D=data.source&limit=50")
    }

    @Test func `a list that does not go on ends, and hands nothing over`() async throws {
        for text in [Self.page([Self.transaction()], hasMore: true), Self.page([], hasMore: true)] {
            let (answer, rows, _) = try await bill { _ in ProviderReply(status: 200, body: Array(text.utf8)) }
            #expect(answer == .refused(reason: "the list of balance transactions does not go on"))
            #expect(rows == [])
        }
    }

    @Test func `a page that fails ends the bill, and hands nothing over`() async throws {
        let first = Self.page([Self.transaction()], hasMore: true)
        let (answer, rows, _) = try await bill { request in
            request.url.contains("starting_after")
                ? ProviderReply(status: 500) : ProviderReply(status: 200, body: Array(first.utf8))
        }
        #expect(answer == .unknown(.answered(.serverError)))
        #expect(rows == [])
        let forbidden = #"{"error":{"type":"invalid_request_error","code":"more_permissions_required"}}"#
        let refused = try await bill { _ in ProviderReply(status: 403, body: Array(forbidden.utf8)) }
        #expect(refused.answer == .refused(reason: "more_permissions_required"))
    }

    /// The elements of a page, of which nothing is read.
    private struct Elements: Decodable {
        struct Element: Decodable {
            init(from decoder: any Decoder) throws {}
        }

        let data: [Element]
    }

    @Test func `of 10,000 mutated pages, each element is a row`() async throws {
        let text = Self.page([
            Self.transaction(), Self.transaction("payout", source: "null"),
            Self.transaction("refund", source: Self.refund(metadata: #"{"refund_no":"20261122_0001_1_m1"}"#)),
        ])
        var mutator = BillMutator(seed: 20_261_132)
        var readable = 0
        for round in 0..<10_000 {
            let bytes = mutator.mutate(Array(text.utf8), separator: Array(",".utf8))
            guard let page = StripeJSON.decode(StripeBalancePage.self, from: bytes) else { continue }
            readable += 1
            #expect(page.data.count == StripeJSON.decode(Elements.self, from: bytes)?.data.count, "round \(round)")
            let file = page.data.flatMap(StripeBillParser.text)
            let read = try await PayProvidersTests.rows(of: file, by: StripeBillParser(day: Self.day)).get()
            #expect(read.map(\.row) == Array(1..<(page.data.count + 1)), "round \(round)")
        }
        #expect(readable > 500)
    }

    @Test func `Stripe's own list gives payments, refunds, failed refunds and payouts of the day`() async throws {
        let clock = HandMovedClock()
        let fake = FakeStripe(clock: clock)
        fake.takeTimeOverRefunds()
        try await fake.whileRunning {
            try await withTransport { transport in
                let provider = StripeProvider(
                    StripeConfiguration(
                        secretKey: Secret(fake.secretKey), webhookSecret: Secret(fake.webhookSecret),
                        baseURL: fake.baseURL),
                    transport: GuardedTransport(transport, clock: clock), clock: clock,
                    downloads: SuiteTransports.downloads)
                guard case .made = await provider.create(StripeFixture.create()) else { throw FakeProblem("no page") }
                let payment = try await fake.pay(StripeFixture.number.text)
                clock.advance(by: .seconds(60))
                let money = StripeFixture.stored().money
                let refund = RefundRequest(
                    number: "20261122_0001_1_r1", tradeNumber: StripeFixture.number,
                    transactionID: TransactionID(payment)!, money: money, total: money, cause: .duplicate, reason: nil,
                    createdAt: clock.now())
                #expect(await provider.refund(refund) == .submitted)
                clock.advance(by: .seconds(60))
                try fake.failRefund(refund.number)
                fake.payOut()
                clock.advance(by: Self.day.end - clock.now())
                let caught = BillCatch()
                _ = try await #require(provider.bills).bill(of: Self.day) { caught.take($0) }
                let lines = caught.all.compactMap(\.line)
                #expect(caught.all.count == 4 && lines.count == 3)
                #expect(lines.map(\.status).sorted { $0.rawValue < $1.rawValue } == [.accepted, .failed, .succeeded])
                #expect(lines.allSatisfy { $0.amount == refund.money.amount && $0.currencyCode == "USD" })
                #expect(lines.allSatisfy { $0.tradeNumber == StripeFixture.number.text && $0.transactionID == payment })
            }
        }
    }
}
