import Foundation
import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

@testable import PayProviders
@testable import ProviderFakes

/// Platform certificates: fetched, decrypted, verified, cached and refreshed.
@Suite struct WeChatPayCertificateTests {
    private typealias Fixture = WeChatPayFixture

    private static let first = FakeWeChatPayKeys.certificates[0]
    private static let second = FakeWeChatPayKeys.certificates[1]

    /// WeChat's part of these tests. Tests change its answers on the way.
    private final class World: Sendable {
        typealias Answer = @Sendable (Instant) throws(TransportError) -> ProviderReply

        let clock: HandMovedClock
        let asked = Mutex<[String]>([])
        let certificates: Mutex<Answer>
        let signer = Mutex(first)

        init(_ certificates: @escaping Answer, clock: HandMovedClock = HandMovedClock()) {
            self.certificates = Mutex(certificates)
            self.clock = clock
        }

        var fetches: Int { asked.withLock { $0.count { $0 == "certificates" } } }
        var calls: Int { asked.withLock { $0.count { $0 != "certificates" } } }

        func provider(hasPublicKey: Bool = false) -> WeChatPayProvider {
            let script = SandboxScript { [self] request throws(TransportError) in
                let isFetch = request.url.hasSuffix("/v3/certificates")
                asked.withLock { $0.append(isFetch ? "certificates" : "call") }
                if isFetch { return try certificates.withLock { $0 }(clock.now()) }
                return signed(Fixture.paid(), by: signer.withLock { $0 }, at: clock.now()).reply(200)
            }
            return Fixture.provider(
                Fixture.configuration(hasPublicKey: hasPublicKey, fetchesCertificates: true), over: script, clock: clock
            )
        }
    }

    private static func signed(
        _ body: String, by certificate: FakeWeChatPayCertificate, at now: Instant
    ) -> WeChatPayTestMessage {
        WeChatPayTestMessage(body).with {
            $0.serial = certificate.serial
            $0.key = WeChatPayTestKey(certificate.key)
            $0.timestamp = "\(now.milliseconds / 1_000)"
        }
    }

    private static func list(
        _ certificates: [FakeWeChatPayCertificate], key: String = Fixture.apiV3Key, named serial: String? = nil
    ) -> String {
        let sealed = certificates.map { certificate in
            FakeWeChatPayWire.SealedCertificate(
                serial_no: serial ?? certificate.serial, effective_time: "", expire_time: "",
                encrypt_certificate: FakeWeChatPaySeal.seal(
                    Array(certificate.pem.utf8), associatedData: "certificate", key: key))
        }
        return String(
            decoding: FakeWeChatPayWire.encode(FakeWeChatPayWire.Certificates(data: sealed)), as: UTF8.self)
    }

    private static let right: World.Answer = { now in signed(list([first]), by: first, at: now).reply(200) }

    @Test func `the end of trust is the end of the certificate that is valid for longest`() async {
        let world = World(Self.right)
        let provider = world.provider()
        #expect(provider.certificates?.last(at: world.clock.now()) == nil)
        #expect(await provider.query(Fixture.trade) == .paid(Fixture.receipt))
        let end = Instant(clampingSeconds: Int64(Self.first.notAfter.timeIntervalSince1970))
        #expect(provider.certificates?.last(at: world.clock.now())?.endsAt == end)
        #expect(provider.certificates?.last(at: end)?.serial == Self.first.serial)
        #expect(provider.certificates?.last(at: end + .seconds(1)) == nil)
    }

    @Test func `the first WeChat call waits for the certificates and trusts them`() async {
        let world = World(Self.right)
        let provider = world.provider()
        #expect(provider.needsCertificates)
        #expect(await provider.query(Fixture.trade) == .paid(Fixture.receipt))
        #expect(await provider.query(Fixture.trade) == .paid(Fixture.receipt))
        #expect(world.fetches == 1 && world.calls == 2)
        #expect(provider.certificates?.serials == [Self.first.serial])
        #expect(!provider.needsCertificates)
    }

    @Test func `concurrent WeChat calls share one fetch of certificates`() async {
        let world = World(Self.right)
        let provider = world.provider()
        await withTaskGroup(of: QueryAnswer.self) { group in
            for _ in 1...20 { group.addTask { await provider.query(Fixture.trade) } }
            for await answer in group { #expect(answer == .paid(Fixture.receipt)) }
        }
        #expect(world.fetches == 1 && world.calls == 20)
    }

    struct Wrong: Sendable, CustomStringConvertible {
        let description: String
        let answer: @Sendable (Instant) throws(TransportError) -> ProviderReply

        init(
            _ description: String, _ answer: @escaping @Sendable (Instant) throws(TransportError) -> ProviderReply
        ) {
            self.description = description
            self.answer = answer
        }
    }

    @Test(arguments: [
        Wrong("signed by a stranger") { now in
            signed(list([first]), by: first, at: now).with { $0.key = Fixture.strangerKey }.reply(200)
        },
        Wrong("signed by a certificate that isn't in it") { now in
            signed(list([first]), by: second, at: now).reply(200)
        },
        Wrong("signed by SHA-1") { now in signed(list([first]), by: first, at: now).with { $0.isSHA1 = true }.reply(200)
        },
        Wrong("old") { now in signed(list([first]), by: first, at: now - .seconds(300)).reply(200) },
        Wrong("sealed with another key") { now in
            signed(list([first], key: String(repeating: "k", count: 32)), by: first, at: now).reply(200)
        },
        Wrong("named for another serial") { now in
            signed(list([first], named: second.serial), by: first, at: now).reply(200)
        },
        Wrong("empty") { now in signed(list([]), by: first, at: now).reply(200) },
        Wrong("not signed") { _ in ProviderReply(status: 200, body: Array(list([first]).utf8)) },
        Wrong("an error") { now in signed(list([first]), by: first, at: now).reply(404) },
        Wrong("nonsense") { now in signed("nonsense", by: first, at: now).reply(200) },
        Wrong("never there") { _ throws(TransportError) in throw TransportError(.neverSent, .couldNotConnect) },
    ])
    func `certificates are not believed, and nothing is sent without any, when their list is`(_ wrong: Wrong) async {
        let world = World(wrong.answer)
        let provider = world.provider()
        #expect(await provider.create(Fixture.create()).withoutReason == .notSent(reason: "NO_PLATFORM_CERTIFICATE"))
        #expect(await provider.query(Fixture.trade).withoutReason == .unknown(.answered))
        #expect(world.calls == 0)
        #expect(provider.certificates?.serials == [])
    }

    @Test func `a WeChat certificate is trusted only while it is valid`() async {
        for year in [2019, 2041] {
            let seconds = Int64(year - 1970) * 31_557_600
            let clock = HandMovedClock(Instant(milliseconds: seconds * 1_000))
            let world = World(Self.right, clock: clock)
            #expect(await world.provider().query(Fixture.trade).withoutReason == .unknown(.answered), "\(year)")
        }
    }

    @Test func `without a WeChat certificate, fetches are five seconds apart`() async {
        let world = World { _ throws(TransportError) in throw TransportError(.neverSent, .couldNotConnect) }
        let provider = world.provider()
        for _ in 1...5 { _ = await provider.query(Fixture.trade) }
        #expect(world.fetches == 1)
        world.certificates.withLock { $0 = Self.right }
        world.clock.advance(by: .seconds(5))
        #expect(await provider.query(Fixture.trade) == .paid(Fixture.receipt))
        #expect(world.fetches == 2)
    }

    @Test func `a WeChat message with an unknown serial is refused and triggers at most one fetch a minute`()
        async throws
    {
        let world = World(Self.right)
        let provider = world.provider()
        await provider.refreshCertificates()
        world.certificates.withLock {
            $0 = { now in
                Self.signed(Self.list([Self.second]), by: Self.first, at: now).reply(200)
            }
        }
        func verify() throws -> ProviderNotice {
            let now = world.clock.now()
            let message = Self.signed(Fixture.envelope(Fixture.paid()), by: Self.second, at: now)
            return try provider.verify(message.notice, at: now)
        }
        #expect(throws: NoticeRefusal.unknownSerial) { try verify() }
        #expect(!provider.needsCertificates)
        world.clock.advance(by: .seconds(60))
        #expect(provider.needsCertificates)
        await provider.refreshCertificates()
        _ = try verify()
        #expect(!provider.needsCertificates && world.fetches == 2)
        // The earlier certificate is still valid and still trusted.
        #expect(await provider.query(Fixture.trade) == .paid(Fixture.receipt))
        #expect(Set(provider.certificates?.serials ?? []) == [Self.first.serial, Self.second.serial])
    }

    @Test func `WeChat certificates are refreshed after twelve hours without a wait`() async {
        let world = World(Self.right)
        let provider = world.provider()
        await provider.refreshCertificates()
        world.clock.advance(by: .seconds(12 * 3_600) - .milliseconds(1))
        #expect(!provider.needsCertificates)
        world.clock.advance(by: .milliseconds(1))
        #expect(provider.needsCertificates)
        _ = await provider.query(Fixture.trade)
        // Joins the fetch in progress, or makes one more if it is over.
        await provider.refreshCertificates()
        #expect((2...3).contains(world.fetches) && !provider.needsCertificates)
    }

    @Test func `a failed fetch of WeChat certificates changes nothing`() async {
        let world = World(Self.right)
        let provider = world.provider()
        await provider.refreshCertificates()
        world.certificates.withLock { $0 = { _ in ProviderReply(status: 500) } }
        await provider.refreshCertificates()
        #expect(provider.certificates?.serials == [Self.first.serial])
        #expect(await provider.query(Fixture.trade) == .paid(Fixture.receipt))
    }

    @Test func `both WeChat's public key and its certificates are trusted during a migration`() async throws {
        let world = World { now in
            WeChatPayTestMessage(Self.list([Self.first])).with { $0.timestamp = "\(now.milliseconds / 1_000)" }.reply(
                200)
        }
        let provider = world.provider(hasPublicKey: true)
        await provider.refreshCertificates()
        #expect(await provider.query(Fixture.trade) == .paid(Fixture.receipt))
        let now = world.clock.now()
        let envelope = Fixture.envelope(Fixture.paid())
        _ = try provider.verify(WeChatPayTestMessage(envelope).notice, at: now)
        _ = try provider.verify(Self.signed(envelope, by: Self.first, at: now).notice, at: now)
        let lower = Self.signed(envelope, by: Self.first, at: now).with { $0.serial = $0.serial.lowercased() }
        _ = try provider.verify(lower.notice, at: now)
        #expect(throws: NoticeRefusal.unknownSerial) {
            try provider.verify(Self.signed(envelope, by: Self.second, at: now).notice, at: now)
        }
    }

    @Test func `no WeChat call waits for certificates if a public key is configured`() async {
        let world = World { _ in ProviderReply(status: 500) }
        let provider = world.provider(hasPublicKey: true)
        _ = await provider.query(Fixture.trade)
        #expect(world.calls == 1)
        await provider.refreshCertificates()
    }
}
