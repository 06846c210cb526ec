import CryptoExtras
import Foundation
import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders
@testable import ProviderFakes

/// The fake is as strict as WeChat, as far as WeChat's rules are known.
@Suite(.timeLimit(.minutes(1))) struct FakeWeChatPayTests {
    private typealias Fixture = WeChatPayFixture

    /// A fake, a client's requests to it, and the raw replies.
    private struct Bench {
        let fake: FakeWeChatPay
        let clock: HandMovedClock
        let transport: CurlTransport

        var configuration: WeChatPayConfiguration { .fake(at: fake.baseURL) }

        func request(_ call: WeChatPayCall) -> ProviderRequest {
            let signer = WeChatPaySigner(configuration, nonce: WeChatPayNonce.random)
            return call.request(to: configuration, signedBy: signer, at: clock.now())
        }

        func send(_ call: WeChatPayCall) async throws -> ProviderReply { try await transport.send(request(call)) }

        func create(_ stored: StoredRequest = Fixture.stored()) async throws -> ProviderReply {
            try await send(WeChatPayCall.create(Fixture.create(stored), configuration))
        }

        func page(_ terminal: Terminal = .pc) async throws -> ProviderPage {
            let reply = try await create(Fixture.stored(terminal))
            let opened = try #require(WeChatPayWire.decode(WeChatPayWire.Opened.self, from: reply.body))
            let signer = WeChatPaySigner(configuration, nonce: WeChatPayNonce.random)
            let pages = WeChatPayPages(merchantID: configuration.merchantID, signer: signer)
            return try #require(pages.page(opened, for: Fixture.stored(terminal), at: clock.now()))
        }
    }

    private func withBench(_ body: (Bench) async throws -> Void) async throws {
        let clock = HandMovedClock()
        let fake = FakeWeChatPay(clock: clock)
        try await fake.whileRunning {
            try await withTransport { try await body(Bench(fake: fake, clock: clock, transport: $0)) }
        }
    }

    private func code(_ reply: ProviderReply) -> String? {
        WeChatPayWire.decode(WeChatPayWire.Failure.self, from: reply.body)?.code
    }

    @Test func `the fake WeChat refuses a request with a missing or wrong signature`() async throws {
        try await withBench { bench in
            let right = bench.request(try .create(Fixture.create(), bench.configuration))
            let signed = try #require(right.header("Authorization"))
            func reply(_ authorization: String?, body: [UInt8]? = nil) async throws -> ProviderReply {
                let headers = right.headers.filter { $0.name != "Authorization" }
                let own = authorization.map { [Header(name: "Authorization", value: $0)] } ?? []
                return try await bench.transport.send(
                    ProviderRequest(
                        method: right.method, url: right.url, headers: headers + own, body: body ?? right.body))
            }
            let wrong = [
                nil, "", "Bearer x", signed.replacing("mchid=\"1900007291\"", with: "mchid=\"1900007292\""),
                signed.replacing("serial_no=\"4", with: "serial_no=\"5"),
                signed.replacing("signature=\"", with: "signature=\"A"),
                signed.replacing("nonce_str=\"", with: "nonce_str=\"A"), signed.replacing(",", with: ", "),
            ]
            for authorization in wrong {
                let reply = try await reply(authorization)
                #expect(reply.status == 401 && code(reply) == "SIGN_ERROR", "\(authorization ?? "none")")
            }
            #expect(code(try await reply(signed, body: right.body + [0x20])) == "SIGN_ERROR")
            #expect(bench.fake.trades.isEmpty)
            #expect(try await reply(signed).status == 200)
            bench.clock.advance(by: .seconds(301))
            #expect(code(try await reply(signed)) == "SIGN_ERROR")
        }
    }

    @Test func `the fake WeChat signs successes and not errors`() async throws {
        try await withBench { bench in
            let refused = try await bench.send(.query(Fixture.number, bench.configuration))
            #expect(refused.status == 404 && code(refused) == "ORDER_NOT_EXIST")
            #expect(refused.header("Wechatpay-Signature") == nil && refused.header("Request-ID") != nil)
            let made = try await bench.create()
            #expect(made.status == 200 && made.header("Wechatpay-Serial") == FakeWeChatPay.publicKeyID)
            let signature = try #require(WeChatPaySignature(made))
            let key = try RSAVerifyingKey(text: FakeWeChatPay.publicKey)
            #expect(signature.isValid(for: made.body, by: key) && signature.isFresh(at: bench.clock.now()))
        }
    }

    @Test func `the fake WeChat accepts a repeated number only with the same parameters`() async throws {
        try await withBench { bench in
            #expect(try await bench.create().status == 200)
            bench.clock.advance(by: .seconds(60))
            #expect(try await bench.create().status == 200)
            let changed = try await bench.create(Fixture.stored(subject: "another tea"))
            #expect(changed.status == 400 && code(changed) == "INVALID_REQUEST")
            #expect(try await code(bench.create(Fixture.stored(.app))) == "INVALID_REQUEST")
            #expect(bench.fake.trade(Fixture.number.text)?.creates == 2)
        }
    }

    @Test func `the fake WeChat's new code invalidates the earlier one`() async throws {
        try await withBench { bench in
            let old = try await bench.page()
            try await bench.fake.open(old, terminal: .pc)
            let new = try await bench.page()
            #expect(old.content != new.content)
            await #expect(throws: FakeProblem.self) { try await bench.fake.open(old, terminal: .pc) }
            try await bench.fake.open(new, terminal: .pc)
        }
    }

    @Test(arguments: [(Terminal.h5, 300), (.pc, 1_800), (.app, 1_800), (.jsapi, 1_800)])
    func `the fake WeChat's page expires with its own time or its trade's`(_ terminal: Terminal, _ seconds: Int)
        async throws
    {
        try await withBench { bench in
            let page = try await bench.page(terminal)
            bench.clock.advance(by: .seconds(seconds - 1))
            try await bench.fake.open(page, terminal: terminal)
            bench.clock.advance(by: .seconds(1))
            await #expect(throws: FakeProblem.self) { try await bench.fake.open(page, terminal: terminal) }
        }
    }

    @Test func `the fake WeChat accepts a close of an unknown number and refuses one of a paid trade`() async throws {
        try await withBench { bench in
            #expect(try await bench.send(.close(Fixture.number, bench.configuration)).status == 204)
            #expect(bench.fake.trades.isEmpty)
            _ = try await bench.create()
            _ = try await bench.fake.pay(Fixture.number.text)
            let refused = try await bench.send(.close(Fixture.number, bench.configuration))
            #expect(refused.status == 400 && code(refused) == "ORDERPAID")
            #expect(try await code(bench.create()) == "ORDERPAID")
        }
    }

    @Test func `the fake WeChat refuses unknown fields and nulls`() async throws {
        try await withBench { bench in
            let right = String(
                decoding: try WeChatPayCall.create(Fixture.create(), bench.configuration).body, as: UTF8.self)
            for more in [#""note":"x","#, #""attach":null,"#] {
                let body = Array("{\(more)\(right.dropFirst())".utf8)
                #expect(FakeWeChatPayWire.decode(FakeWeChatPayWire.Create.self, body) == nil)
            }
            #expect(FakeWeChatPayWire.decode(FakeWeChatPayWire.Create.self, Array(right.utf8)) != nil)
        }
    }

    @Test func `the fake WeChat requires the fields of h5 and jsapi`() async throws {
        try await withBench { bench in
            let local = try await bench.create(Fixture.stored(.h5, clientIP: "127.0.0.1"))
            #expect(code(local) == "PARAM_ERROR")
            #expect(bench.fake.trades.isEmpty)
        }
    }

    @Test(arguments: [FakeWeChatPaySigner.publicKey, .certificate])
    func `the fake WeChat's notices are encrypted, and signed by the public key or a certificate`(
        _ signer: FakeWeChatPaySigner
    )
        async throws
    {
        try await withBench { bench in
            _ = try await bench.create()
            let transaction = try await bench.fake.pay(Fixture.number.text)
            let notice = try bench.fake.notice(ofPayment: Fixture.number.text, signedBy: signer)
            #expect(!String(decoding: notice.body, as: UTF8.self).contains(transaction))
            let envelope = try #require(WeChatPayWire.decode(WeChatPayWire.Envelope.self, from: notice.body))
            let opened = try #require(envelope.resource.open(with: Secret(FakeWeChatPay.apiV3Key)))
            #expect(String(decoding: opened, as: UTF8.self).contains(transaction))
            let signature = try #require(WeChatPaySignature(notice.raw))
            let certificate = FakeWeChatPayKeys.certificates[0]
            let key = signer == .publicKey ? FakeWeChatPayKeys.publicKey.publicKey : certificate.key.publicKey
            #expect(signature.serial == (signer == .publicKey ? FakeWeChatPay.publicKeyID : certificate.serial))
            #expect(signature.isValid(for: notice.body, by: try RSAVerifyingKey(text: key.pemRepresentation)))
        }
    }

    @Test func `the fake WeChat's certificates decrypt and have the stated serials`() async throws {
        try await withBench { bench in
            for changes in [false, true] {
                if changes { bench.fake.changeCertificate() }
                let reply = try await bench.send(.certificates)
                let list = try #require(WeChatPayWire.decode(WeChatPayWire.CertificateList.self, from: reply.body))
                let read = list.data.compactMap {
                    WeChatPayCertificate($0, openedWithOneOf: [Secret(FakeWeChatPay.apiV3Key)])
                }
                #expect(read.map(\.serial) == [FakeWeChatPayKeys.certificates[changes ? 1 : 0].serial])
                #expect(read.allSatisfy { $0.isValid(at: bench.clock.now()) })
            }
        }
    }

    @Test func `only the documented success reply stops the fake WeChat's retries`() {
        let fake = FakeWeChatPay(clock: HandMovedClock())
        #expect(fake.expects(204, nil, []) && fake.expects(200, nil, []))
        #expect(!fake.expects(401, nil, []) && !fake.expects(500, nil, []) && !fake.expects(302, nil, []))
    }
}
