import Foundation
import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders
@testable import ProviderFakes

private let closed = #"{"code":"10000","msg":"Success","out_trade_no":"20261122_0001_1"}"#
private let noTrade = #"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST"}"#

/// In certificate mode, a message is believed if the certificate that it names signed it.
@Suite struct AlipayCertificateTrustTests {
    private static let certificates = FakeAlipayCertificates.shared
    private static let number = certificates.alipay[0].number

    private static func configuration(
        _ method: AlipayConfiguration.PCMethod = .page
    ) throws -> AlipayConfiguration {
        AlipayConfiguration(
            appID: AlipayFixture.appID,
            signingKey: try RSASigningKey(text: Secret(FakeAlipayKeys.shared.applicationPrivateKey)),
            keys: .certificates(try certificates.configured), gatewayURL: AlipayFixture.gatewayURL, sellerID: nil,
            pcMethod: method)
    }

    /// The answer to a close, or to a query.
    private static func reply(
        _ shape: String, node: String = closed, to method: AlipayMethod = .close
    ) throws -> ProviderReply {
        let text = shape.replacing("NODE", with: method.node).replacing("CONTENT", with: node)
            .replacing("NUMBER", with: number)
            .replacing("NEXT", with: certificates.alipay[1].number)
            .replacing("SIGN", with: try FakeAlipayKeys.shared.signAsAlipay(node))
        return AlipayFixture.reply(text)
    }

    @Test(arguments: [
        #"{"NODE":CONTENT,"alipay_cert_sn":"NUMBER","sign":"SIGN"}"#,
        #"{"NODE":CONTENT,"sign":"SIGN","alipay_cert_sn":"NUMBER"}"#,
        #"{"alipay_cert_sn":"NUMBER","sign":"SIGN","NODE":CONTENT}"#,
    ])
    func `a reply names its certificate before or after its signature`(_ shape: String) async throws {
        let provider = AlipayFixture.provider(try Self.configuration(), answered: try Self.reply(shape))
        #expect(await provider.close(AlipayFixture.trade) == .accepted)
    }

    @Test(arguments: [
        // Without a certificate the signature cannot be verified.
        (#"{"NODE":CONTENT,"sign":"SIGN"}"#, UnknownReason.signature),
        (#"{"NODE":CONTENT,"alipay_cert_sn":"","sign":"SIGN"}"#, .serial),
        (#"{"NODE":CONTENT,"alipay_cert_sn":7,"sign":"SIGN"}"#, .signature),
        (#"{"NODE":CONTENT,"alipay_cert_sn":"NUMBER"}"#, .signature),
        (#"{"NODE":CONTENT,"alipay_cert_sn":"NEXT","sign":"SIGN"}"#, .serial),
        (#"{"NODE":CONTENT,"alipay_cert_sn":"x","sign":"SIGN"}"#, .serial),
        (#"{"NODE":CONTENT,"alipay_cert_sn":"NUMBER","sign":"AAAA"}"#, .signature),
        (#"{"NODE":CONTENT,"alipay_cert_sn":"NUMBER","alipay_cert_sn":"NUMBER","sign":"SIGN"}"#, .unreadable),
    ])
    func `a success that no known certificate signed decides nothing`(
        _ shape: String, _ reason: UnknownReason
    ) async throws {
        let provider = AlipayFixture.provider(try Self.configuration(), answered: try Self.reply(shape))
        #expect(await provider.close(AlipayFixture.trade) == .unknown(.answered(reason)))
    }

    @Test func `an error that names no certificate decides nothing`() async throws {
        let named = #"{"NODE":CONTENT,"sign":"SIGN","alipay_cert_sn":"NUMBER"}"#
        for (shape, answer) in [
            (named, QueryAnswer.noSuchTrade), (#"{"NODE":CONTENT,"sign":"SIGN"}"#, .unknown(.answered)),
        ] {
            let reply = try Self.reply(shape, node: noTrade, to: .query)
            let provider = AlipayFixture.provider(try Self.configuration(), answered: reply)
            #expect(await provider.query(AlipayFixture.trade).withoutReason == answer)
        }
    }

    @Test func `every call and every page names the certificates, signed`() async throws {
        let script = AlipayScript { _ in AlipayFixture.reply("{}") }
        let provider = AlipayFixture.provider(try Self.configuration(), over: script)
        let precreate = AlipayFixture.provider(try Self.configuration(.precreate), over: script)
        _ = await precreate.create(AlipayFixture.create())
        _ = await provider.query(AlipayFixture.trade)
        _ = await provider.close(AlipayFixture.trade)
        _ = await provider.refund(AlipayFixture.refund)
        _ = await provider.follow(AlipayFixture.refund)
        var sent = script.requests.map(AlipayReading.parameters)
        #expect(sent.count == 5)
        for terminal in [Terminal.pc, .h5, .app] {
            guard case .made(let page) = await provider.create(AlipayFixture.create(for: terminal)) else {
                Issue.record("no page for \(terminal)")
                continue
            }
            sent.append(
                page.kind == .sdk
                    ? AlipayReading.form(page.content) : try FakeAlipayWire.parameters(ofPage: page.content))
        }
        for parameters in sent {
            #expect(parameters["app_cert_sn"] == Self.certificates.application.number)
            #expect(parameters["alipay_root_cert_sn"] == Self.certificates.rootNumber)
            let signed = AlipayReading.signString(parameters)
            #expect(FakeAlipayKeys.shared.isSignedByApplication(signed, parameters["sign"] ?? ""))
        }
    }

    @Test(arguments: [true, false], [true, false])
    func `a notice is believed whether or not its signature covers the number of its certificate`(
        _ isCovered: Bool, _ isNamed: Bool
    ) throws {
        let provider = AlipayFixture.provider(try Self.configuration())
        let notice = try Self.notice(naming: isNamed ? Self.number : nil, isCovered: isCovered)
        #expect(try provider.verify(notice, at: AlipayFixture.now).tradeNumber == AlipayFixture.number.text)
    }

    @Test func `a notice that another certificate signed is refused`() throws {
        let provider = AlipayFixture.provider(try Self.configuration())
        let unknown = try Self.notice(naming: Self.certificates.alipay[1].number)
        #expect(throws: NoticeRefusal.unknownSerial) { try provider.verify(unknown, at: AlipayFixture.now) }
        for number in [Self.number, nil] {
            let forged = try Self.notice(naming: number, sign: FakeAlipayKeys.shared.signAsNextAlipay)
            #expect(throws: NoticeRefusal.badSignature) { try provider.verify(forged, at: AlipayFixture.now) }
        }
    }

    @Test func `a configured certificate is trusted after its end, as a configured key is`() async throws {
        let clock = HandMovedClock(Instant(clampingSeconds: 2_100_000_000))
        let reply = try Self.reply(#"{"NODE":CONTENT,"alipay_cert_sn":"NUMBER","sign":"SIGN"}"#)
        let provider = AlipayFixture.provider(
            try Self.configuration(), over: AlipayScript { _ in reply }, clock: clock)
        #expect(provider.certificates?.application.isValid(at: clock.now()) == false)
        #expect(await provider.close(AlipayFixture.trade) == .accepted)
    }

    private static func notice(
        naming number: String?, isCovered: Bool = false,
        sign: (String) throws -> String = FakeAlipayKeys.shared.signAsAlipay
    ) throws -> RawNotice {
        var fields = [
            "notify_id": "n1", "notify_type": "trade_status_sync", "trade_status": "WAIT_BUYER_PAY",
            "out_trade_no": AlipayFixture.number.text, "app_id": AlipayFixture.appID, "sign_type": "RSA2",
        ]
        fields["alipay_cert_sn"] = number
        let dropped: Set<String> = isCovered ? ["sign", "sign_type"] : ["sign", "sign_type", "alipay_cert_sn"]
        fields["sign"] = try sign(FakeAlipayWire.signedText(fields, without: dropped))
        let form = FakeAlipayWire.form(fields.map { (name: $0.key, value: $0.value) })
        return RawNotice(headers: [], body: Array(form.utf8))
    }
}
