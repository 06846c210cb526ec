import Foundation
import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// The fake is as strict as Alipay: it refuses what Alipay refuses.
@Suite(.timeLimit(.minutes(1))) struct AlipayFakeTests {
    private let clock = HandMovedClock()
    private let fake: FakeAlipay
    private let provider: AlipayProvider

    init() throws {
        fake = FakeAlipay(clock: clock)
        provider = try Self.provider(of: fake, clock)
    }

    private static func provider(
        of fake: FakeAlipay, _ clock: HandMovedClock, signingKey: RSASigningKey? = nil, appID: String? = nil
    ) throws -> AlipayProvider {
        let key = try signingKey ?? RSASigningKey(text: Secret(fake.keys.applicationPrivateKey))
        let configuration = AlipayConfiguration(
            appID: appID ?? fake.appID, signingKey: key,
            keys: .publicKey(try RSAVerifyingKey(text: fake.keys.alipayPublicKey)),
            gatewayURL: AlipayFixture.gatewayURL, sellerID: nil, pcMethod: .page)
        return AlipayFixture.provider(configuration, clock: clock)
    }

    @Test(arguments: [Terminal.pc, .h5, .app])
    func `the fake Alipay creates a trade when its page is opened, which can be paid`(_ terminal: Terminal) async throws
    {
        let page = try await page(terminal)
        #expect(fake.trades.isEmpty)
        try await fake.open(page, terminal: terminal)
        #expect(fake.trade(AlipayFixture.number.text)?.state == .unpaid)
        _ = try await fake.pay(AlipayFixture.number.text)
        #expect(fake.trade(AlipayFixture.number.text)?.state == .paid)
        #expect(fake.notifyURL(of: AlipayFixture.number.text) == AlipayFixture.stored().notifyURL)
        await #expect(throws: FakeProblem.self, "paid already") { try await fake.open(page, terminal: terminal) }
    }

    @Test func `the fake Alipay has one trade for the pages of three terminals`() async throws {
        for terminal in [Terminal.pc, .h5, .app] { try await fake.open(try await page(terminal), terminal: terminal) }
        #expect(fake.trades.map(\.creates) == [3])
    }

    @Test func `the fake Alipay rejects a page on another terminal`() async throws {
        let page = try await page(.pc)
        await #expect(throws: FakeProblem.self) { try await fake.open(page, terminal: .h5) }
    }

    @Test(arguments: [Terminal.pc, .h5, .app])
    func `the fake Alipay rejects a page signed by another key or for another application`(
        _ terminal: Terminal
    ) async throws {
        let forged = try Self.provider(of: fake, clock, signingKey: AlipayFixture.somebody.signing)
        let elsewhere = try Self.provider(of: fake, clock, appID: "2021000000000002")
        for provider in [forged, elsewhere] {
            let page = try await page(terminal, of: provider)
            await #expect(throws: FakeProblem.self) { try await fake.open(page, terminal: terminal) }
        }
        #expect(fake.trades.isEmpty)
    }

    @Test func `the fake Alipay rejects an altered page`() async throws {
        let page = try await page(.app)
        for (old, new) in [("99.00", "0.01"), ("utf-8", "gbk"), ("RSA2", "RSA"), ("2026-11-22", "2026-11-23")] {
            let changed = page.content.replacing(old, with: new)
            #expect(changed != page.content)
            let other = ProviderPage(kind: .sdk, content: changed, serves: [.app], usableFor: nil)
            await #expect(throws: FakeProblem.self) { try await fake.open(other, terminal: .app) }
        }
        let bare = ProviderPage(
            kind: .html, content: try await self.page(.pc).content.replacing("&amp;", with: "&"), serves: [.pc],
            usableFor: nil)
        await #expect(throws: FakeProblem.self, "unescaped &") { try await fake.open(bare, terminal: .pc) }
    }

    @Test func `the fake Alipay rejects a known number with other parameters`() async throws {
        try await fake.open(try await page(.pc), terminal: .pc)
        for stored in [AlipayFixture.stored(amount: 9_901), AlipayFixture.stored(subject: "Tea for one")] {
            let other = try await page(.pc, stored)
            await #expect(throws: FakeProblem.self) { try await fake.open(other, terminal: .pc) }
        }
        #expect(fake.trades.map(\.amount) == [9_900])
    }

    @Test func `the fake Alipay rejects an expired page and payments of its trade`() async throws {
        let page = try await page(.pc)
        try await fake.open(page, terminal: .pc)
        clock.advance(by: .seconds(1_800))
        await #expect(throws: FakeProblem.self) { try await fake.open(page, terminal: .pc) }
        await #expect(throws: FakeProblem.self) { try await fake.pay(AlipayFixture.number.text) }
        #expect(fake.trades.map(\.state) == [.closed])
    }

    @Test func `the fake Alipay refuses a wrong signature with an unsigned error`() async throws {
        try await fake.whileRunning {
            let wiring = FakeWiring(fake, clock)
            let forged = try wiring.provider(signingKey: AlipayFixture.somebody.signing)
            #expect(await forged.create(AlipayFixture.create()) == .refused(reason: "isv.invalid-signature"))
            #expect(await forged.query(AlipayFixture.trade).withoutReason == .unknown(.answered))
            let elsewhere = try wiring.provider(appID: "2021000000000002")
            #expect(await elsewhere.create(AlipayFixture.create()) == .refused(reason: "isv.invalid-app-id"))
            await wiring.transport.close()
        }
    }

    @Test func `the fake Alipay gives one code per number, valid for two hours`() async throws {
        try await fake.whileRunning {
            let wiring = FakeWiring(fake, clock)
            let provider = try wiring.provider()
            let stored = AlipayFixture.stored()
            let long = StoredRequest(
                terminal: .pc, payer: .none, money: stored.money, subject: stored.subject,
                providerDeadline: clock.now() + .seconds(86_400), notifyURL: stored.notifyURL, returnURL: nil)
            guard case .made(let page) = await provider.create(AlipayFixture.create(for: .pc, long)) else {
                throw FakeProblem("no code")
            }
            let again = await provider.create(AlipayFixture.create(for: .pc, long))
            #expect(again == .refused(reason: "ACQ.APPLY_PC_MERCHANT_CODE_ERROR"))
            #expect(await provider.query(AlipayFixture.trade) == .noSuchTrade, "the code was not scanned")
            clock.advance(by: .seconds(7_199))
            try await fake.open(page, terminal: .pc)
            #expect(await provider.query(AlipayFixture.trade) == .unpaid)
            clock.advance(by: .seconds(1))
            await #expect(throws: FakeProblem.self) { try await fake.open(page, terminal: .pc) }
            await wiring.transport.close()
        }
    }

    @Test func `the fake Alipay's held refund is accepted, invisible to queries, and completed later`() async throws {
        try await fake.whileRunning {
            let wiring = FakeWiring(fake, clock)
            let provider = try wiring.provider()
            try await fake.open(try await page(.pc), terminal: .pc)
            _ = try await fake.pay(AlipayFixture.number.text)
            guard case .paid(let receipt) = await provider.query(AlipayFixture.trade) else {
                throw FakeProblem("not paid")
            }
            let refund = RefundRequest(
                number: "20261122_0001_1_r1", tradeNumber: AlipayFixture.number, transactionID: receipt.transactionID,
                money: AlipayFixture.stored().money, total: AlipayFixture.stored().money, cause: .duplicate,
                reason: nil,
                createdAt: clock.now())
            fake.holdRefunds()
            #expect(await provider.refund(refund) == .submitted)
            #expect(await provider.follow(refund) == .noSuchRefund)
            #expect(await provider.refund(refund) == .submitted)
            try await fake.finishRefund(refund.number)
            #expect(await provider.follow(refund).withoutTime == .succeeded())
            let other = RefundRequest(
                number: refund.number, tradeNumber: refund.tradeNumber, transactionID: refund.transactionID,
                money: Money(amount: 1, currency: refund.money.currency)!, total: refund.total, cause: .duplicate,
                reason: nil, createdAt: clock.now())
            #expect(await provider.refund(other) == .refused(reason: "ACQ.DISCORDANT_REPEAT_REQUEST"))
            #expect(fake.trades.flatMap(\.refunds).map(\.amount) == [9_900])
            await wiring.transport.close()
        }
    }

    @Test func `the fake Alipay refunds nothing of a frozen trade`() async throws {
        try await fake.whileRunning {
            let wiring = FakeWiring(fake, clock)
            let provider = try wiring.provider()
            try await fake.open(try await page(.pc), terminal: .pc)
            let payment = try #require(TransactionID(try await fake.pay(AlipayFixture.number.text)))
            let refund = RefundRequest(
                number: "20261122_0001_1_m1", tradeNumber: AlipayFixture.number, transactionID: payment,
                money: Money(amount: 1, currency: Currency("CNY")!)!, total: AlipayFixture.stored().money,
                cause: .merchant, reason: nil, createdAt: clock.now())
            fake.freeze(AlipayFixture.number.text)
            let answer = await provider.refund(refund)
            #expect(answer.doubt?.reason.error?.weight == .balance)
            #expect(await provider.follow(refund) == .noSuchRefund)
            fake.freeze(AlipayFixture.number.text, false)
            #expect(await provider.refund(refund) == .succeeded(at: clock.now()))
            await wiring.transport.close()
        }
    }

    private func page(
        _ terminal: Terminal, _ stored: StoredRequest = AlipayFixture.stored(), of other: AlipayProvider? = nil
    ) async throws -> ProviderPage {
        let answer = await (other ?? provider).create(AlipayFixture.create(for: terminal, stored))
        guard case .made(let page) = answer else { throw FakeProblem("no page: \(answer)") }
        return page
    }

    /// Adapters over real HTTP that use precreated codes.
    private struct FakeWiring {
        let fake: FakeAlipay
        let clock: HandMovedClock
        let transport = CurlTransport(limits: .init(connectTimeout: .seconds(50), totalTimeout: .seconds(50)))

        init(_ fake: FakeAlipay, _ clock: HandMovedClock) {
            self.fake = fake
            self.clock = clock
        }

        func provider(signingKey: RSASigningKey? = nil, appID: String? = nil) throws -> AlipayProvider {
            let key = try signingKey ?? RSASigningKey(text: Secret(fake.keys.applicationPrivateKey))
            let configuration = AlipayConfiguration(
                appID: appID ?? fake.appID, signingKey: key,
                keys: .publicKey(try RSAVerifyingKey(text: fake.keys.alipayPublicKey)), gatewayURL: fake.gatewayURL,
                sellerID: fake.sellerID, pcMethod: .precreate)
            return AlipayProvider(configuration, transport: GuardedTransport(transport, clock: clock), clock: clock)
        }
    }
}
