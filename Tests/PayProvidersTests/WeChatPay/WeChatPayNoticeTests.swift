import Foundation
import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct WeChatPayNoticeTests {
    private typealias Fixture = WeChatPayFixture

    private func read(_ body: String) throws -> ProviderNotice {
        try Fixture.listener.verify(WeChatPayTestMessage(body).notice, at: Fixture.now)
    }

    private func content(_ body: String) throws -> String {
        switch try read(body).content {
        case .payment: "payment"
        case .refundedPayment: "refunded payment"
        case .foreignPayment: "foreign"
        case .refund(let number, let answer): "refund \(number) \(answer)"
        case .other: "other"
        }
    }

    @Test func `a WeChat payment notice becomes a receipt`() throws {
        let notice = try read(Fixture.envelope(Fixture.paid()))
        #expect(notice.id == "EV-2018022511223320873" && notice.tradeNumber == Fixture.number.text)
        guard case .payment(let receipt) = notice.content else { return #expect(Bool(false), "no payment") }
        #expect(receipt == Fixture.receipt)
    }

    @Test func `a WeChat notice that names its signature type is accepted`() throws {
        let message = WeChatPayTestMessage(Fixture.envelope(Fixture.paid())).with { $0.type = WeChatPaySigner.scheme }
        guard case .payment = try Fixture.listener.verify(message.notice, at: Fixture.now).content else {
            return #expect(Bool(false), "no payment")
        }
    }

    @Test func `a WeChat notice for another merchant does not name our account`() throws {
        let notice = try read(Fixture.envelope(Fixture.paid(merchantID: "1900000000")))
        guard case .payment(let receipt) = notice.content else { return #expect(Bool(false), "no payment") }
        #expect(!receipt.namesOurAccount)
    }

    @Test func `a WeChat notice names the app that was paid, for the comparison with the attempt's`() throws {
        let notice = try read(Fixture.envelope(Fixture.paid(appID: "wx0")))
        guard case .payment(let receipt) = notice.content else { return #expect(Bool(false), "no payment") }
        #expect(receipt.appID == "wx0")
    }

    @Test(arguments: ["abc", "20261122_0001_0", "20261122_0001_01", "x_1", "1217752501201407033233368018"])
    func `a WeChat payment for a foreign number is a foreign payment`(_ number: String) throws {
        let notice = try read(Fixture.envelope(Fixture.paid(number: number)))
        guard case .foreignPayment = notice.content else { return #expect(Bool(false), "not foreign") }
        #expect(notice.tradeNumber == number)
    }

    @Test(arguments: [
        ("SUCCESS", "REFUND.SUCCESS", "succeeded(at: nil)"), ("CLOSED", "REFUND.CLOSED", #"closed(reason: "CLOSED")"#),
        (
            "ABNORMAL", "REFUND.ABNORMAL",
            #"held(PayCore.ProviderError(code: "ABNORMAL", message: nil, weight: PayCore.ProviderError.Weight.balance))"#
        ),
        (
            "MELTED", "REFUND.SUCCESS",
            "unknown(PayCore.Doubt(reason: PayCore.UnknownReason.unreadable, isUnanswered: false))"
        ),
    ])
    func `a WeChat refund notice names the refund and its outcome`(
        _ status: String, _ event: String, _ answer: String
    ) throws {
        let news =
            #"{"mchid":"1900007291","out_trade_no":"20261122_0001_1","out_refund_no":"20261122_0001_1_r1","#
            + #""refund_status":"\#(status)"}"#
        #expect(try content(Fixture.envelope(news, event: event)) == "refund 20261122_0001_1_r1 \(answer)")
        #expect(try read(Fixture.envelope(news, event: event)).tradeNumber == "20261122_0001_1")
    }

    @Test func `a WeChat notice of a completed refund tells its time`() throws {
        let news =
            #"{"mchid":"1900007291","out_trade_no":"20261122_0001_1","out_refund_no":"r","refund_status":"SUCCESS","#
            + #""success_time":"2026-11-22T18:00:01+08:00"}"#
        let content = try read(Fixture.envelope(news, event: "REFUND.SUCCESS")).content
        guard case .refund("r", .succeeded(at: let at)) = content else { return #expect(Bool(false), "no refund") }
        #expect(at == Fixture.now + .seconds(1))
    }

    @Test func `a WeChat notice of another merchant settles no refund`() throws {
        let news =
            #"{"mchid":"1900000000","out_trade_no":"20261122_0001_1","out_refund_no":"20261122_0001_1_r1","#
            + #""refund_status":"SUCCESS"}"#
        let doubt = "PayCore.Doubt(reason: PayCore.UnknownReason.otherTrade, isUnanswered: false)"
        let answer = "refund 20261122_0001_1_r1 unknown(\(doubt))"
        #expect(try content(Fixture.envelope(news, event: "REFUND.SUCCESS")) == answer)
    }

    @Test func `a WeChat notice of another type is acknowledged and changes nothing`() throws {
        #expect(try content(Fixture.envelope(Fixture.paid(state: "NOTPAY"))) == "other")
        let other = try read(Fixture.envelope(Fixture.paid(), event: "COUPON.USE", id: "EV-2"))
        guard case .other = other.content else { return #expect(Bool(false), "expected a notice that changes nothing") }
        #expect(other.id == "EV-2" && other.tradeNumber == Fixture.number.text)
        #expect(
            try content(Fixture.envelope("sealed", event: "COUPON.USE", key: String(repeating: "k", count: 32)))
                == "other")
    }

    @Test(arguments: [
        Fixture.envelope(Fixture.paid(), key: String(repeating: "k", count: 32)),
        Fixture.envelope(Fixture.paid(), algorithm: "AEAD_SM4_GCM"),
        Fixture.envelope(Fixture.paid(), claims: "certificate"),
        Fixture.envelope(Fixture.paid(), claims: nil),
        Fixture.envelope(Fixture.paid(), cutting: 1), Fixture.envelope(Fixture.paid(), cutting: 16),
        Fixture.envelope(Fixture.paid()).replacing("fdasfjihihih", with: "fdasfjihihi"),
        Fixture.envelope(Fixture.paid()).replacing("\"ciphertext\":\"", with: "\"ciphertext\":\"%"),
        Fixture.envelope(Fixture.paid(), event: "REFUND.SUCCESS", claims: nil),
    ])
    func `a signed WeChat notice that does not decrypt is reported as sealed`(_ body: String) {
        #expect(throws: NoticeRefusal.undecryptable) { try read(body) }
    }

    @Test(arguments: [
        Fixture.envelope("{}"), Fixture.envelope("nonsense"), Fixture.envelope(""),
        Fixture.envelope(Fixture.paid(amount: "{}")),
        Fixture.envelope(Fixture.paid(), id: ""),
        Fixture.envelope(Fixture.paid(), id: String(repeating: "1", count: 65)),
        Fixture.envelope("{}", event: "REFUND.SUCCESS"), "", "{}", "[]", "nonsense",
    ])
    func `a signed but invalid WeChat notice is unreadable`(_ body: String) {
        #expect(throws: NoticeRefusal.unreadable) { try read(body) }
    }

    @Test func `empty associated data of a WeChat notice equals none`() throws {
        #expect(try content(Fixture.envelope(Fixture.paid(), sealedFor: "", claims: nil)) == "payment")
        #expect(try content(Fixture.envelope(Fixture.paid(), sealedFor: "", claims: "")) == "payment")
    }

    @Test func `WeChat gets a success only if its notice was stored`() {
        #expect(
            Fixture.listener.reply(to: .stored) == NoticeReply(status: 204, contentType: "application/json", body: ""))
        for (reception, status) in [(NoticeReception.refused(.badSignature), 401), (.notStored, 500)] {
            let reply = Fixture.listener.reply(to: reception)
            #expect(reply.status == status && reply.contentType == "application/json")
            #expect(reply.body.hasPrefix(#"{"code":"FAIL","message":""#))
        }
    }
}

@Suite struct WeChatPaySealingTests {
    private let key = Secret(WeChatPayVectors.apiV3Key)

    private func sealed(_ change: (String) -> String = { $0 }) throws -> WeChatPaySealed {
        try #require(
            WeChatPayWire.decode(WeChatPaySealed.self, from: Array(change(WeChatPayVectors.sealed).utf8)))
    }

    @Test func `WeChat's vector GCM-1 decrypts to its message`() throws {
        #expect(try sealed().open(with: key) == Array("message".utf8))
    }

    @Test(arguments: [
        ("associatedData", "associateddata"), ("uluk4a9R25RW", "uluk4a9R25RX"), ("uluk4a9R25RW", "uluk4a9R25R"),
        ("zzwI=", "zzwM="), ("ulwSiI", "vlwSiI"), ("PAbzzwI=", "PAbzzw=="),
        ("AEAD_AES_256_GCM", "AES"),
    ])
    func `WeChat's vector GCM-1 with a wrong or truncated part does not decrypt`(
        _ from: String, _ to: String
    ) throws {
        let changed = try sealed { $0.replacing(from, with: to) }
        #expect(changed.open(with: key) == nil)
    }

    @Test(arguments: ["a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gc", "", "short"])
    func `WeChat's vector GCM-1 does not decrypt with another key`(_ key: String) throws {
        #expect(try sealed().open(with: Secret(key)) == nil)
    }

    @Test func `WeChat's vector GCM-2 decrypts to a certificate with the stated serial`() throws {
        let list = try #require(
            WeChatPayWire.decode(WeChatPayWire.CertificateList.self, from: Array(WeChatPayVectors.certificates.utf8)))
        #expect(list.data[0].encryptCertificate.open(with: key) == Array(WeChatPayVectors.certificate.utf8))
        let certificate = try #require(WeChatPayCertificate(list.data[0], openedWithOneOf: [key]))
        #expect(certificate.serial == WeChatPayVectors.certificateSerial)
        #expect(certificate.isValid(at: WeChatPayFixture.now))
        #expect(!certificate.isValid(at: Instant(milliseconds: 1_695_136_557_000)))
        #expect(certificate.isValid(at: Instant(milliseconds: 1_695_136_558_000)))
        #expect(certificate.isValid(at: Instant(milliseconds: 1_852_816_558_000)))
        #expect(!certificate.isValid(at: Instant(milliseconds: 1_852_816_559_000)))
    }

    @Test func `WeChat's vector GCM-2 with another serial or key is rejected`() throws {
        let other = WeChatPayVectors.certificates.replacing("5DEA10EF", with: "5DEA10EE")
        let list = try #require(WeChatPayWire.decode(WeChatPayWire.CertificateList.self, from: Array(other.utf8)))
        #expect(WeChatPayCertificate(list.data[0], openedWithOneOf: [key]) == nil)
        let right = try #require(
            WeChatPayWire.decode(WeChatPayWire.CertificateList.self, from: Array(WeChatPayVectors.certificates.utf8)))
        #expect(
            WeChatPayCertificate(right.data[0], openedWithOneOf: [Secret(String(repeating: "k", count: 32))]) == nil)
    }
}
