import PayCore
import PayFlow
import Testing

@testable import PayProviders

@Suite struct SandboxNoticeTests {
    private let provider = SandboxFixture.provider(answered: 500, "")

    @Test func `a sandbox payment notice becomes a receipt`() throws {
        let read = try provider.verify(notice(.paid()), at: SandboxFixture.now)
        #expect(read.id == "notice_1")
        #expect(read.tradeNumber == SandboxFixture.number.text)
        guard case .payment(let receipt) = read.content else { return #expect(Bool(false), "no payment") }
        #expect(receipt == SandboxFixture.receipt)
    }

    @Test func `a sandbox notice for another merchant does not name our account`() throws {
        let payment = SandboxWire.Payment(
            merchantID: "somebody", transactionID: "sbx_1", amount: 9_900, currency: "CNY", paidAtMS: 0)
        let read = try provider.verify(notice(.paid(payment)), at: SandboxFixture.now)
        guard case .payment(let receipt) = read.content else { return #expect(Bool(false), "no payment") }
        #expect(!receipt.namesOurAccount)
    }

    @Test(arguments: [
        (Int64.min, Instant.earliest), (-62_167_219_200_001, .earliest), (-1, .earliest), (0, .earliest),
        (253_402_300_800_000, .latest), (.max, .latest),
    ])
    func `a sandbox payment with an out-of-range time still counts`(_ at: Int64, _ kept: Instant) throws {
        let payment = SandboxWire.Payment(transactionID: "sbx_1", amount: 9_900, currency: "CNY", paidAtMS: at)
        let read = try provider.verify(notice(.paid(payment)), at: SandboxFixture.now)
        guard case .payment(let receipt) = read.content else { return #expect(Bool(false), "no payment") }
        #expect(receipt == SandboxFixture.receipt(paidAt: kept))
    }

    @Test(arguments: [Int64.min, .max]) func `a sandbox notice with an out-of-range timestamp is refused`(
        _ at: Int64
    ) {
        let raw = notice(.paid())
        let signature = SandboxSigner(secret: SandboxFixture.secret)
            .sign(raw.body, for: .notice(channel: "sandbox"), at: Instant(milliseconds: at))
        let headers = signature.headers.map { RawNotice.Header(name: $0.name, value: $0.value) }
        #expect(throws: NoticeRefusal.tooOld) {
            try provider.verify(RawNotice(headers: headers, body: raw.body), at: SandboxFixture.now)
        }
    }

    @Test(arguments: ["abc", "20261122_0001_0", "20261122_0001_01", "x_1", "é_1_1"])
    func `a sandbox payment for a foreign number is a foreign payment`(_ number: String) throws {
        let read = try provider.verify(notice(.paid(number: number)), at: SandboxFixture.now)
        guard case .foreignPayment = read.content else { return #expect(Bool(false), "not foreign") }
        #expect(read.tradeNumber == number)
    }

    @Test func `a sandbox refund notice names the refund as succeeded`() throws {
        let wire = SandboxWire.Notice(
            id: "notice_2", channel: "sandbox", tradeNumber: "20261122_0001_1", payment: nil, refundNumber: "x_1_r1")
        let read = try provider.verify(notice(wire), at: SandboxFixture.now)
        guard case .refund("x_1_r1", .succeeded) = read.content else { return #expect(Bool(false), "no refund") }
    }

    @Test func `an empty sandbox notice changes nothing`() throws {
        let wire = SandboxWire.Notice(
            id: "notice_3", channel: "sandbox", tradeNumber: "20261122_0001_1", payment: nil, refundNumber: nil)
        let read = try provider.verify(notice(wire), at: SandboxFixture.now)
        guard case .other = read.content else { return #expect(Bool(false), "expected a notice that changes nothing") }
    }

    @Test func `a sandbox notice with one changed byte is refused before it is read`() {
        let whole = notice(.paid())
        for index in whole.body.indices {
            var body = whole.body
            body[index] ^= 1
            #expect(throws: NoticeRefusal.badSignature) {
                try provider.verify(RawNotice(headers: whole.headers, body: body), at: SandboxFixture.now)
            }
        }
    }

    @Test func `a sandbox notice with a missing or repeated signature or timestamp is refused`() {
        let whole = notice(.paid())
        let wrong = [[], Array(whole.headers.prefix(1)), Array(whole.headers.suffix(1)), whole.headers + whole.headers]
        for headers in wrong {
            #expect(throws: NoticeRefusal.badSignature) {
                try provider.verify(RawNotice(headers: headers, body: whole.body), at: SandboxFixture.now)
            }
        }
    }

    @Test func `a sandbox notice signed with another secret or for another channel is refused`() {
        let forged = notice(.paid(), by: SandboxSigner(secret: Secret("another")))
        let elsewhere = notice(.paid(), signedFor: "sandbox2")
        for raw in [forged, elsewhere] {
            #expect(throws: NoticeRefusal.badSignature) { try provider.verify(raw, at: SandboxFixture.now) }
        }
    }

    @Test(arguments: [
        (Duration.seconds(-300), true), (.seconds(300), true), (.milliseconds(-300_001), false),
        (.milliseconds(300_001), false), (.seconds(86_400), false),
    ])
    func `a sandbox notice is accepted within five minutes of its timestamp only`(_ age: Duration, _ isBelieved: Bool)
        throws
    {
        let raw = notice(.paid())
        if isBelieved {
            _ = try provider.verify(raw, at: SandboxFixture.now + age)
        } else {
            #expect(throws: NoticeRefusal.tooOld) { try provider.verify(raw, at: SandboxFixture.now + age) }
        }
    }

    @Test(arguments: ["", "{}", "[]", "nonsense", #"{"id":1,"channel":"sandbox","trade_no":"x_1"}"#])
    func `a signed but invalid sandbox notice is unreadable`(_ body: String) {
        #expect(throws: NoticeRefusal.unreadable) {
            try provider.verify(notice(Array(body.utf8)), at: SandboxFixture.now)
        }
    }

    @Test func `a signed sandbox notice of another channel or without a payment id is unreadable`() {
        let elsewhere = SandboxWire.Notice(
            id: "n", channel: "sandbox2", tradeNumber: "20261122_0001_1", payment: SandboxFixture.payment,
            refundNumber: nil)
        let nameless = SandboxWire.Payment(transactionID: "", amount: 1, currency: "CNY", paidAtMS: 0)
        for wire in [elsewhere, .paid(nameless)] {
            #expect(throws: NoticeRefusal.unreadable) { try provider.verify(notice(wire), at: SandboxFixture.now) }
        }
    }

    @Test func `the sandbox gets a success only if its notice was stored`() {
        #expect(provider.reply(to: .stored) == NoticeReply(status: 200, contentType: "text/plain", body: "success"))
        #expect(provider.reply(to: .refused(.badSignature)).status == 401)
        #expect(provider.reply(to: .notStored).status == 500)
    }

    private func notice(
        _ wire: SandboxWire.Notice, by signer: SandboxSigner = SandboxFixture.signer,
        signedFor channel: String = "sandbox"
    ) -> RawNotice {
        notice(SandboxWire.encode(wire), by: signer, signedFor: channel)
    }

    private func notice(
        _ body: [UInt8], by signer: SandboxSigner = SandboxFixture.signer, signedFor channel: String = "sandbox"
    ) -> RawNotice {
        let signature = signer.sign(body, for: .notice(channel: channel), at: SandboxFixture.now)
        let headers = signature.headers.map { RawNotice.Header(name: $0.name, value: $0.value) }
        return RawNotice(headers: headers, body: body)
    }
}

extension SandboxWire.Notice {
    fileprivate static func paid(
        _ payment: SandboxWire.Payment = SandboxFixture.payment, number: String = SandboxFixture.number.text
    ) -> Self {
        Self(id: "notice_1", channel: "sandbox", tradeNumber: number, payment: payment, refundNumber: nil)
    }
}
