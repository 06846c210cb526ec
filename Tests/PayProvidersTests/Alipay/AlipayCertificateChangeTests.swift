import Foundation
import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

@testable import PayProviders
@testable import ProviderFakes

/// Alipay changes its certificate: the new one is fetched and verified over real HTTP.
@Suite(.timeLimit(.minutes(1))) struct AlipayCertificateChangeTests {
    private let clock: HandMovedClock
    private let fake: FakeAlipay
    private let fetches = FetchList()
    private let transport = CurlTransport(limits: .init(connectTimeout: .seconds(50), totalTimeout: .seconds(50)))

    init() {
        clock = HandMovedClock()
        fake = FakeAlipay(clock: clock, certificates: .shared)
    }

    /// Runs with an adapter that has only the first certificate, and with a trade that the buyer has opened.
    private func run(_ body: (AlipayProvider) async throws -> Void) async throws {
        try await fake.whileRunning {
            let configuration = AlipayConfiguration(
                appID: fake.appID, signingKey: try RSASigningKey(text: Secret(fake.keys.applicationPrivateKey)),
                keys: try fake.configuredKeys, gatewayURL: fake.gatewayURL, sellerID: fake.sellerID, pcMethod: .page)
            let provider = AlipayProvider(
                configuration, transport: GuardedTransport(transport, clock: clock), clock: clock,
                onFetch: { [fetches] in fetches.append($0) })
            guard case .made(let page) = await provider.create(AlipayFixture.create()) else {
                throw FakeProblem("no page")
            }
            try await fake.open(page, terminal: .pc)
            try await body(provider)
            await transport.close()
        }
    }

    private func unpaid(_ provider: AlipayProvider) async -> Bool {
        await provider.query(AlipayFixture.trade) == .unpaid
    }

    @Test func `an answer by a new certificate is believed in the same call, after one download`() async throws {
        try await run { provider in
            #expect(await unpaid(provider))
            #expect(fake.downloads == 0)
            fake.changeCertificate()
            #expect(await unpaid(provider))
            #expect(await unpaid(provider))
            #expect(fake.downloads == 1)
        }
    }

    @Test(arguments: [
        FakeCertificateFault.refused, .otherNumber, .strangeIssuer, .expired, .early, .expiredIssuer,
        .signedBySHA1, .issuedByMerchant, .ofMerchant, .notBase64, .noCertificate,
    ])
    func `a certificate that is not believed leaves the answer unknown, and is asked for every five seconds`(
        _ fault: FakeCertificateFault
    ) async throws {
        try await run { provider in
            fake.changeCertificate()
            fake.arm(fault)
            for _ in 1...3 {
                #expect(await provider.query(AlipayFixture.trade) == .unknown(.answered(.serial)))
            }
            #expect(fake.downloads == 1)
            clock.advance(by: .seconds(5))
            #expect(await provider.query(AlipayFixture.trade) == .unknown(.answered(.serial)))
            #expect(fake.downloads == 2)
            fake.arm(nil)
            clock.advance(by: .seconds(5))
            #expect(await unpaid(provider))
        }
    }

    @Test func `a certificate without its issuer's is believed by the issuer in the configured file`() async throws {
        try await run { provider in
            fake.changeCertificate()
            fake.arm(.withoutIssuer)
            #expect(await unpaid(provider))
            #expect(fake.downloads == 1)
        }
    }

    @Test(arguments: [(FakeCertificateFault.expiredIssuer, AlipayChainFlaw.notValid), (.signedBySHA1, .notTrusted)])
    func `each certificate of the chain must be valid and signed with SHA-2`(
        _ fault: FakeCertificateFault, _ flaw: AlipayChainFlaw
    ) async throws {
        try await run { provider in
            fake.changeCertificate()
            fake.arm(fault)
            let number = try #require(fake.certificateNumber)
            #expect(!(await unpaid(provider)))
            #expect(fetches.all == [.failed(number: number, reason: flaw.rawValue)])
        }
    }

    @Test func `the issuer of merchants' certificates may issue Alipay's if it issued the configured one`() throws {
        let fakes = FakeAlipayCertificates.shared
        let (first, next) = (fakes.alipay[0], fakes.next(.ofMerchant))
        let file = try AlipayCertificateFile(text: next.pem + fakes.merchants.pem)
        func number(configured text: String) throws -> String {
            try AlipayCertificates(
                application: AlipayCertificateFile(text: fakes.applicationFile),
                alipay: AlipayCertificateFile(text: text), roots: AlipayRootFile(text: fakes.rootFile)
            ).believed(file, named: next.number, at: clock.now()).number
        }
        #expect(throws: AlipayChainFlaw.ofMerchants) { try number(configured: fakes.alipayFile) }
        let common = FakeAlipayCertificateRequest(
            subject: FakeAlipayName(commonName: "Alipay"), issuer: .authority("Class 1 R1"), serial: 5_005
        ).issued(to: first.key, by: fakes.merchants.key)
        #expect(try number(configured: common.pem) == next.number)
    }

    @Test func `the earlier certificate stays in use beside the new one`() async throws {
        try await run { provider in
            _ = try await fake.pay(AlipayFixture.number.text)
            let early = try fake.notice(ofPayment: AlipayFixture.number.text)
            fake.changeCertificate()
            _ = await provider.query(AlipayFixture.trade)
            let late = try fake.notice(ofPayment: AlipayFixture.number.text)
            for notice in [early, late] { _ = try provider.verify(notice.raw, at: clock.now()) }
        }
    }

    @Test func `a fetched certificate is trusted only while it is valid`() async throws {
        try await run { provider in
            fake.changeCertificate()
            #expect(await unpaid(provider))
            let known = try #require(provider.certificates)
            let (last, number) = (known.last, try #require(fake.certificateNumber))
            #expect(last.number == number)
            #expect(known.key(number, at: last.endsAt) != nil)
            #expect(known.key(number, at: last.endsAt + .seconds(1)) == nil)
        }
    }

    @Test func `a certificate that only a notice named does not postpone the end of Alipay's`() async throws {
        try await run { provider in
            let known = try #require(provider.certificates)
            let first = known.last.number
            fake.changeCertificate()
            let number = try #require(fake.certificateNumber)
            known.noteMissing(number, in: .notice)
            await known.fetchMissing()
            #expect(known.key(number, at: clock.now()) != nil)
            #expect(known.last.number == first)
            #expect(await unpaid(provider))
            #expect(known.last.number == number)
            #expect(fake.downloads == 1)
        }
    }

    @Test func `a certificate that ended is not fetched again and again`() async throws {
        try await run { provider in
            fake.changeCertificate()
            fake.arm(.expired)
            _ = await provider.query(AlipayFixture.trade)
            #expect(provider.certificates?.isDue == false)
            clock.advance(by: .seconds(3_600))
            // No message has named it since.
            #expect(provider.certificates?.isDue == false)
        }
    }

    @Test func `concurrent answers by a new certificate cause one download`() async throws {
        try await run { provider in
            fake.changeCertificate()
            let answers = await withTaskGroup(of: QueryAnswer.self, returning: [QueryAnswer].self) { group in
                for _ in 1...20 { group.addTask { await provider.query(AlipayFixture.trade) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(fake.downloads == 1)
            #expect(answers.contains(.unpaid))
            #expect(answers.allSatisfy { $0 == .unpaid || $0 == .unknown(.answered(.serial)) })
            #expect(await unpaid(provider))
        }
    }

    @Test func `a notice by a new certificate is refused until the certificate was fetched`() async throws {
        try await run { provider in
            _ = try await fake.pay(AlipayFixture.number.text)
            fake.changeCertificate()
            let notice = try fake.notice(ofPayment: AlipayFixture.number.text)
            #expect(throws: NoticeRefusal.unknownSerial) { try provider.verify(notice.raw, at: clock.now()) }
            #expect(provider.reply(to: .refused(.unknownSerial)).body == "failure")
            #expect(provider.certificates?.isDue == true)
            await provider.certificates?.fetchMissing()
            _ = try provider.verify(notice.raw, at: clock.now())
            #expect(fake.downloads == 1 && provider.certificates?.isDue == false)
        }
    }

    @Test func `forged notices cause at most one download a minute, and do not delay an answer's certificate`()
        async throws
    {
        try await run { provider in
            let known = try #require(provider.certificates)
            func flood() {
                for number in 1...50 {
                    let forged = String(repeating: "0", count: 30) + String(number + 16, radix: 16)
                    known.noteMissing(forged, in: .notice)
                }
            }
            for second in 0..<120 {
                flood()
                if known.isDue { await known.fetchMissing() }
                #expect(fake.downloads == (second < 60 ? 1 : 2))
                clock.advance(by: .seconds(1))
            }
            await known.fetchMissing()
            #expect(fake.downloads == 3)
            flood()
            clock.advance(by: .seconds(5))
            fake.changeCertificate()
            #expect(await unpaid(provider))
        }
    }

    @Test func `a number that is no number of a certificate causes no download`() async throws {
        try await run { provider in
            let known = try #require(provider.certificates)
            for number in ["", "x", String(repeating: "A", count: 32), String(repeating: "0", count: 33)] {
                known.noteMissing(number, in: .notice)
                known.noteMissing(number, in: .reply)
            }
            #expect(!known.isDue)
        }
    }

    @Test func `each fetch is reported with the number of the certificate, and a failed one with its reason`()
        async throws
    {
        try await run { provider in
            fake.changeCertificate()
            let number = try #require(fake.certificateNumber)
            fake.arm(.strangeIssuer)
            let strange = try #require(fake.certificateNumber)
            _ = await provider.query(AlipayFixture.trade)
            fake.arm(nil)
            clock.advance(by: .seconds(5))
            _ = await provider.query(AlipayFixture.trade)
            #expect(
                fetches.all == [
                    .failed(number: strange, reason: AlipayChainFlaw.notTrusted.rawValue),
                    .fetched(number: number, endsAt: Instant(milliseconds: 2_051_222_400_000)),
                ])
        }
    }
}

/// The reported fetches.
private final class FetchList: Sendable {
    private let list = Mutex<[AlipayCertificateFetch]>([])

    var all: [AlipayCertificateFetch] { list.withLock { $0 } }

    func append(_ fetch: AlipayCertificateFetch) { list.withLock { $0.append(fetch) } }
}
