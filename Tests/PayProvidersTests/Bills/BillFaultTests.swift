import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// Bills that fail on their way, over real HTTP.
@Suite(.timeLimit(.minutes(2))) struct BillFaultTests {
    private static let day = BillDay(containing: HandMovedClock().now())

    private static func read(_ bills: (any BillSource)?) async throws -> (answer: BillAnswer, rows: [BillRow]) {
        let caught = BillCatch()
        let answer = try await #require(bills).bill(of: day) { caught.take($0) }
        return (answer, caught.all)
    }

    private func withAlipay(
        gateway: String? = nil, _ body: (FakeAlipay, AlipayProvider, HandMovedClock) async throws -> Void
    ) async throws {
        let clock = HandMovedClock()
        let fake = FakeAlipay(clock: clock)
        try await fake.whileRunning {
            try await withTransport { transport in
                let configuration = AlipayConfiguration(
                    appID: fake.appID, signingKey: try RSASigningKey(text: Secret(fake.keys.applicationPrivateKey)),
                    keys: .publicKey(try RSAVerifyingKey(text: fake.keys.alipayPublicKey)), gatewayURL: fake.gatewayURL,
                    sellerID: fake.sellerID, pcMethod: .page)
                let provider = AlipayProvider(
                    configuration, transport: GuardedTransport(transport, clock: clock), clock: clock,
                    downloads: SuiteTransports.downloads)
                let stored = StoredRequest(
                    terminal: .pc, payer: .none, money: Money(amount: 9_900, currency: Currency("CNY")!)!,
                    subject: Subject("茶, 两杯")!, providerDeadline: clock.now() + .seconds(1_800),
                    notifyURL: "https://pay.example/v1/notices/alipay", returnURL: nil)
                let request = CreateRequest(
                    tradeNumber: TradeNumber("20261122_0001_1")!, channel: provider.channel, stored: stored,
                    terminal: .pc, openID: "", createdAt: clock.now())
                guard case .made(let page) = await provider.create(request) else { throw FakeProblem("no page") }
                try await fake.open(page, terminal: .pc)
                _ = try await fake.pay("20261122_0001_1")
                clock.advance(by: Self.day.end - clock.now() + .seconds(12 * 3_600))
                try await body(fake, provider, clock)
            }
        }
    }

    @Test func `a bill of Alipay is read from a stored archive too, and keeps a comma in a subject`() async throws {
        try await withAlipay { fake, provider, _ in
            fake.storeBills()
            let (answer, rows) = try await Self.read(provider.bills)
            guard case .bill = answer else { throw FakeProblem("\(answer)") }
            #expect(rows.compactMap(\.line).map(\.amount) == [9_900])
        }
    }

    @Test func `an address of Alipay whose time is over is requested once more`() async throws {
        try await withAlipay { fake, provider, _ in
            fake.armBill(.errorPage)
            let (answer, rows) = try await Self.read(provider.bills)
            guard case .bill = answer else { throw FakeProblem("\(answer)") }
            #expect(rows.count == 1)
            #expect(fake.requests.count { $0.path == "/downloadBillFile.resource" } == 2)
        }
    }

    @Test(arguments: [
        (FakeBillFault.cut, BillAnswer.refused(reason: "the zip file is damaged")),
        (.serverError, .unknown(.answered(.serverError))),
        (.elsewhere, .refused(reason: "the bill is at a host that does not belong to Alipay")),
        (.creating, .noneThatDay),
    ])
    func `a fault of Alipay's bill hands nothing over`(_ fault: FakeBillFault, _ expected: BillAnswer) async throws {
        try await withAlipay { fake, provider, _ in
            fake.armBill(fault)
            let (answer, rows) = try await Self.read(provider.bills)
            #expect(answer == expected)
            #expect(rows == [])
        }
    }

    @Test func `a changed archive of Alipay hands nothing over`() async throws {
        try await withAlipay { fake, provider, _ in
            fake.armBill(.changed)
            let (answer, rows) = try await Self.read(provider.bills)
            guard case .refused = answer else { throw FakeProblem("\(answer)") }
            #expect(rows == [])
        }
    }

    @Test func `until ten in the morning, a missing bill of Alipay is not ready`() async throws {
        let early = HandMovedClock(Self.day.end + .seconds(10 * 3_600) - .milliseconds(1))
        #expect(Self.day.none(at: early.now(), reason: "BILL_NOT_EXIST") == .notReady(reason: "BILL_NOT_EXIST"))
        early.advance(by: .milliseconds(1))
        #expect(Self.day.none(at: early.now(), reason: "BILL_NOT_EXIST") == .noneThatDay)
    }

    @Test(
        arguments: [
            ("http://dwbillcenter.alipay.com/downloadBillFile.resource?token=a%2Bb", "https://dwbillcenter.alipay.com"),
            ("https://mdn.alipayobjects.com/x?token=a", "https://mdn.alipayobjects.com"),
            ("https://alipay.com.evil.example/x", nil), ("https://evilalipay.com/x", nil),
            ("https://dwbillcenter.alipay.com:8443/x", nil), ("http://127.0.0.1/x", nil), ("file:///etc/passwd", nil),
            ("https://a@dwbillcenter.alipay.com/x", nil),
        ] as [(String, String?)])
    func `an address of a bill must be Alipay's own, over https`(_ url: String, _ origin: String?) {
        let provider = AlipayProvider(
            AlipayConfiguration(
                appID: "1", signingKey: WeChatPayFixture.merchantKey.signing,
                keys: .publicKey(WeChatPayFixture.platformKey.verifying), gatewayURL: AlipayConfiguration.production,
                sellerID: nil, pcMethod: .page),
            transport: GuardedTransport(SandboxScript { _ in ProviderReply(status: 500) }, clock: HandMovedClock()),
            clock: HandMovedClock())
        let request = provider.billAddress(url)
        #expect(request?.url.hasPrefix("\(origin ?? "-")/") == (origin == nil ? nil : true))
        if url.contains("%2B") { #expect(request?.url.hasSuffix("?token=a%2Bb") == true) }
    }

    private func withWeChatPay(
        _ body: (FakeWeChatPay, WeChatPayProvider, HandMovedClock) async throws -> Void
    ) async throws {
        let clock = HandMovedClock()
        let fake = FakeWeChatPay(clock: clock)
        try await fake.whileRunning {
            try await withTransport { transport in
                let provider = WeChatPayProvider(
                    .fake(at: fake.baseURL), transport: GuardedTransport(transport, clock: clock), clock: clock,
                    downloads: SuiteTransports.downloads)
                guard case .made = await provider.create(WeChatPayFixture.create()) else {
                    throw FakeProblem("no page")
                }
                _ = try await fake.pay(WeChatPayFixture.number.text)
                clock.advance(by: Self.day.end - clock.now() + .seconds(12 * 3_600))
                try await body(fake, provider, clock)
            }
        }
    }

    @Test(arguments: [
        (FakeBillFault.changed, BillAnswer.refused(reason: "the bill does not have the SHA-1 that WeChat Pay signed")),
        (.cut, .refused(reason: "the compressed data ends too early")),
        (.errorPage, .refused(reason: "the compressed data is damaged")),
        (.serverError, .unknown(.answered(.serverError))), (.creating, .notReady(reason: "STATEMENT_CREATING")),
        (.elsewhere, .refused(reason: "the bill is at another host than wechat.base.url")),
    ])
    func `a fault of WeChat's bill hands nothing over`(_ fault: FakeBillFault, _ expected: BillAnswer) async throws {
        try await withWeChatPay { fake, provider, _ in
            fake.armBill(fault)
            let (answer, rows) = try await Self.read(provider.bills)
            #expect(answer == expected)
            #expect(rows == [])
        }
    }

    @Test(arguments: [
        (400, "PARAM_ERROR", BillAnswer.refused(reason: "PARAM_ERROR")),
        (403, "NO_AUTH", .refused(reason: "NO_AUTH")),
        (400, "NO_STATEMENT_EXIST", .noneThatDay), (400, "STATEMENT_CREATING", .notReady(reason: "STATEMENT_CREATING")),
        (500, "SYSTEM_ERROR", .unknown(.answered(.code(ProviderError(code: "SYSTEM_ERROR"))))),
    ])
    func `an error of WeChat's bill is read by its code`(
        _ status: Int, _ code: String, _ expected: BillAnswer
    ) async throws {
        let clock = HandMovedClock(Self.day.end + .seconds(12 * 3_600))
        let body = Array(#"{"code":"\#(code)"}"#.utf8)
        let provider = WeChatPayProvider(
            WeChatPayFixture.configuration(),
            transport: GuardedTransport(SandboxScript { _ in ProviderReply(status: status, body: body) }, clock: clock),
            clock: clock, downloads: SuiteTransports.downloads)
        #expect(try await Self.read(provider.bills).answer == expected)
    }
}
