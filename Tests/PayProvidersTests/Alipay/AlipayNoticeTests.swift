import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct AlipayNoticeTests {
    static let fields = [
        "app_id": AlipayFixture.appID, "auth_app_id": AlipayFixture.appID, "buyer_id": "2088102534368455",
        "charset": "utf-8", "fund_bill_list": #"[{"amount":"99.00","fundChannel":"ALIPAYACCOUNT"}]"#,
        "gmt_create": "2026-11-22 17:59:00", "gmt_payment": "2026-11-22 18:00:00", "notify_id": "2026112200222",
        "notify_time": "2026-11-22 18:00:01", "notify_type": "trade_status_sync", "out_trade_no": "20261122_0001_1",
        "seller_id": AlipayFixture.sellerID, "subject": "茶 🍵 + \"％\" a%2Bb", "total_amount": "99.00",
        "trade_no": "2026112222001", "trade_status": "TRADE_SUCCESS", "version": "1.0",
    ]

    /// The fields that the signature covers.
    enum Covered {
        case kept, withoutEmpty, withSignType
    }

    static func body(
        _ changes: [String: String?] = [:], covering covered: Covered = .kept,
        by key: AlipayTestKey = AlipayFixture.alipay,
        signType: String? = "RSA2"
    ) -> String {
        var all = changes.reduce(into: fields) { $0[$1.key] = $1.value }
        all["sign_type"] = signType
        let signed = covered == .withoutEmpty ? all.filter { !$0.value.isEmpty } : all
        all["sign"] = key.sign(
            AlipayReading.signString(signed, without: covered == .withSignType ? ["sign"] : ["sign", "sign_type"]))
        return all.keys.sorted().map { "\($0)=\(encoded(all[$0]!))" }.joined(separator: "&")
    }

    /// Encoded as by Java's encoder.
    static func encoded(_ text: String) -> String {
        text.percentEncoded.replacing("%20", with: "+").replacing("%2A", with: "*")
    }

    @Test func `an Alipay payment notice becomes a receipt`() throws {
        let read = try verify(Self.body())
        #expect(read.id == "2026112200222")
        #expect(read.tradeNumber == AlipayFixture.number.text)
        #expect(payment(read) == AlipayFixture.receipt)
    }

    @Test func `an Alipay notice of a finished trade is a payment, and a repeat is equal`() throws {
        #expect(payment(try verify(Self.body(["trade_status": "TRADE_FINISHED"]))) == AlipayFixture.receipt)
        #expect(
            payment(try verify(Self.body())) == payment(try verify(Self.body(["notify_time": "2026-11-23 19:00:00"]))))
    }

    @Test(arguments: ["WAIT_BUYER_PAY", "TRADE_CLOSED", "TRADE_PENDING", "", "trade_success"])
    func `an Alipay notice of another state brings no money and names its trade`(_ status: String) throws {
        let read = try verify(Self.body(["trade_status": status, "refund_fee": "99.00"]))
        guard case .other = read.content else { return #expect(Bool(false), "expected a notice that changes nothing") }
        #expect(read.tradeNumber == AlipayFixture.number.text)
    }

    @Test func `an Alipay notice of a trade that its last refund closed names that refund`() throws {
        let read = try verify(
            Self.body(["trade_status": "TRADE_CLOSED", "refund_fee": "99.00", "out_biz_no": "by_hand_2"]))
        guard case .refund(number: "by_hand_2", .submitted) = read.content else {
            return #expect(Bool(false), "expected a refund")
        }
        #expect(read.tradeNumber == AlipayFixture.number.text)
    }

    @Test func `an Alipay payment notice says whether the payment was refunded in full`() throws {
        for (fee, isReturned) in [("99.00", true), ("98.99", false), ("0.00", false), ("much", false)] {
            let read = try verify(Self.body(["refund_fee": fee]))
            #expect(payment(read) == AlipayFixture.receipt(isReturned: isReturned), "\(fee)")
        }
    }

    @Test(
        arguments: [
            (["out_biz_no": "r1", "refund_fee": "40.00", "gmt_refund": "2026-11-22 18:00:00.320"], "r1"),
            (["out_biz_no": "r1", "refund_fee": "40.00"], "r1"), (["out_biz_no": "r1", "gmt_refund": "soon"], "r1"),
            (["out_biz_no": "r1"], nil), (["out_biz_no": "r1", "refund_fee": "0.00"], nil),
            (["refund_fee": "40.00", "gmt_refund": "2026-11-22 18:00:00.320"], nil),
            (["out_biz_no": "退款", "refund_fee": "40.00"], nil),
        ] as [([String: String?], String?)])
    func `an Alipay notice of a refund in part is the payment together with the refund's number`(
        _ fields: [String: String?], _ number: String?
    ) throws {
        let content = try verify(Self.body(fields)).content
        switch (content, number) {
        case (.refundedPayment(let receipt, refund: let told), let number?):
            #expect(receipt == AlipayFixture.receipt && told == number)
        case (.payment(let receipt), nil): #expect(receipt == AlipayFixture.receipt)
        default: #expect(Bool(false), "\(content)")
        }
    }

    @Test func `an Alipay notice of another type changes nothing`() throws {
        guard case .other = try verify(Self.body(["notify_type": "servicemarket_order_notify"])).content else {
            return #expect(Bool(false), "expected a notice that changes nothing")
        }
    }

    @Test(arguments: ["abc", "20261122_0001_0", "20261122_0001_01", "20190815155618536-564-57"])
    func `an Alipay payment for a foreign number is a foreign payment`(_ number: String) throws {
        let read = try verify(Self.body(["out_trade_no": number]))
        guard case .foreignPayment = read.content else { return #expect(Bool(false), "not foreign") }
        #expect(read.tradeNumber == number)
    }

    @Test(
        arguments: [
            ("app_id", "2021000000000002", nil, false), ("app_id", nil, nil, false), ("app_id", "", nil, false),
            ("seller_id", "2088000000000002", nil, true),
            ("seller_id", "2088000000000002", AlipayFixture.sellerID, false),
            ("seller_id", nil, AlipayFixture.sellerID, false),
            ("seller_id", AlipayFixture.sellerID, AlipayFixture.sellerID, true),
        ] as [(String, String?, String?, Bool)])
    func `an Alipay notice must name our application, and our seller if configured`(
        _ name: String, _ value: String?, _ configured: String?, _ isOurs: Bool
    ) throws {
        let read = try verify(Self.body([name: value]), AlipayFixture.configuration(sellerID: configured))
        #expect(payment(read)?.namesOurAccount == isOurs)
    }

    @Test(arguments: ["2021000000000002", "", nil] as [String?])
    func `an Alipay notice of another application's trade names no trade and no refund of ours`(
        _ application: String?
    ) throws {
        let refund = ["refund_fee": "99.00", "out_biz_no": "by_hand_2"] as [String: String?]
        for status in ["WAIT_BUYER_PAY", "TRADE_CLOSED"] {
            for fields in [[:], refund] {
                let changes = fields.merging(["app_id": application, "trade_status": status]) { $1 }
                let read = try verify(Self.body(changes))
                guard case .other = read.content else { return #expect(Bool(false), "\(read.content)") }
                #expect(read.tradeNumber.isEmpty)
            }
        }
        // The payment stays: its receipt is not for our account.
        let paid = try verify(Self.body(refund.merging(["app_id": application]) { $1 }))
        #expect(payment(paid)?.namesOurAccount == false)
    }

    @Test(arguments: [("gmt_payment", nil), ("gmt_payment", "soon")] as [(String, String?)])
    func `an Alipay payment with an unreadable time counts as made when its notice came`(
        _ name: String, _ value: String?
    ) throws {
        let later = AlipayFixture.now + .seconds(7)
        let read = try verify(Self.body([name: value]), at: later)
        #expect(payment(read) == AlipayFixture.receipt(paidAt: later))
    }

    @Test func `an Alipay signature may include or omit empty fields, which are ignored`() throws {
        let empty: [String: String?] = ["body": "", "passback_params": "", "gmt_refund": ""]
        for covered in [Covered.kept, .withoutEmpty] {
            #expect(payment(try verify(Self.body(empty, covering: covered))) == AlipayFixture.receipt)
        }
    }

    @Test(arguments: ["trade_no", "total_amount", "notify_id", "out_trade_no"])
    func `a signed Alipay payment notice without its number, amount or id is unreadable`(_ name: String) {
        for value in [nil, ""] as [String?] {
            #expect(throws: NoticeRefusal.unreadable) { try verify(Self.body([name: value])) }
        }
    }

    @Test(arguments: ["-99.00", "9.9e1", "99.001", "99999999999999999999"])
    func `a signed Alipay notice with an invalid amount is unreadable`(_ amount: String) {
        #expect(throws: NoticeRefusal.unreadable) { try verify(Self.body(["total_amount": amount])) }
    }

    @Test func `special characters of an Alipay subject are decoded once`() throws {
        let fields = try #require(AlipayNoticeFields(Array(Self.body().utf8)))
        #expect(fields["subject"] == "茶 🍵 + \"％\" a%2Bb")
    }

    private func verify(
        _ body: String, _ configuration: AlipayConfiguration = AlipayFixture.configuration(),
        at now: Instant = AlipayFixture.now
    ) throws -> ProviderNotice {
        try AlipayFixture.provider(configuration).verify(RawNotice(headers: [], body: Array(body.utf8)), at: now)
    }

    private func payment(_ notice: ProviderNotice) -> Receipt? {
        if case .payment(let receipt) = notice.content { receipt } else { nil }
    }
}

/// Forged notices, and the replies to Alipay.
@Suite struct AlipayNoticeTrustTests {
    private let provider = AlipayFixture.provider()

    @Test func `an Alipay notice with one changed byte is refused`() {
        let whole = Array(AlipayNoticeTests.body().utf8)
        for index in whole.indices {
            var body = whole
            body[index] ^= 1
            #expect(throws: NoticeRefusal.self) { try verify(body) }
        }
    }

    @Test func `an Alipay notice signed by another key, by SHA-1 or for another sign_type is refused`() throws {
        let whole = AlipayReading.form(AlipayNoticeTests.body())
        var old = whole
        let text = AlipayReading.signString(whole, without: ["sign", "sign_type"])
        old["sign"] = try AlipayFixture.alipay.signBySHA1(text)
        let bodies = [
            AlipayNoticeTests.body(by: AlipayFixture.somebody), AlipayNoticeTests.body(by: AlipayFixture.application),
            AlipayNoticeTests.body(signType: "RSA"), AlipayNoticeTests.body(signType: nil),
            AlipayNoticeTests.body(signType: "rsa2"), AlipayNoticeTests.body(signType: ""), form(old),
        ]
        for body in bodies {
            #expect(throws: NoticeRefusal.badSignature) { try verify(Array(body.utf8)) }
        }
        #expect(throws: Never.self) { try verify(Array(form(whole).utf8)) }
    }

    @Test func `an Alipay notice whose signature covers sign_type is refused`() {
        let body = AlipayNoticeTests.body(covering: .withSignType)
        #expect(throws: NoticeRefusal.badSignature) { try verify(Array(body.utf8)) }
    }

    @Test func `an Alipay notice without a signature is refused`() {
        var fields = AlipayReading.form(AlipayNoticeTests.body())
        fields["sign"] = ""
        #expect(throws: NoticeRefusal.badSignature) { try verify(Array(form(fields).utf8)) }
        fields["sign"] = nil
        #expect(throws: NoticeRefusal.badSignature) { try verify(Array(form(fields).utf8)) }
    }

    @Test func `a field added to, removed from or emptied in an Alipay notice breaks the signature`() {
        let fields = AlipayReading.form(AlipayNoticeTests.body())
        for name in fields.keys where name != "sign" && name != "sign_type" {
            #expect(throws: NoticeRefusal.badSignature) {
                try verify(Array(form(fields.filter { $0.key != name }).utf8))
            }
        }
        let more = fields.merging(["refund_fee": "1.00"]) { first, _ in first }
        #expect(throws: NoticeRefusal.badSignature) { try verify(Array(form(more).utf8)) }
    }

    @Test(arguments: [
        "", "&", "a", "=b", "a=b&", "&a=b", "a=b&&c=d", "a=b=c", "a=%", "a=%4", "a=%4G", "a=%ZZ", "a=%C3%28", "a=%FF",
        "a=b&a=b", "a=b&a=c", "a%3Db=c", "a+b=c", "a.b=c", "a-b=c", "é=c", "a=x%26seller_id%3D1", "a=%26b%3D",
    ])
    func `an Alipay notice that is no form or is ambiguous is unreadable`(_ body: String) {
        #expect(throws: NoticeRefusal.unreadable) { try verify(Array(body.utf8)) }
        let genuine = AlipayNoticeTests.body()
        if !body.isEmpty, body != "&a=b" {
            #expect(throws: NoticeRefusal.unreadable) { try verify(Array((genuine + "&" + body).utf8)) }
        }
    }

    @Test func `the signed text of an Alipay notice cannot be split into other fields`() {
        // One text with two readings: subject and total_amount as two fields, or total_amount as a part of subject.
        let fields = AlipayReading.form(AlipayNoticeTests.body())
        var folded = fields.filter { $0.key != "total_amount" }
        folded["subject"] = "\(fields["subject"]!)&total_amount=\(fields["total_amount"]!)"
        let dropped: Set<String> = ["sign", "sign_type"]
        #expect(
            AlipayReading.signString(folded, without: dropped) == AlipayReading.signString(fields, without: dropped))
        #expect(throws: NoticeRefusal.unreadable) { try verify(Array(form(folded).utf8)) }
    }

    @Test func `an Alipay notice that is too large or has too many fields is rejected unread`() {
        let large = AlipayNoticeTests.body(["body": String(repeating: "x", count: AlipayNoticeFields.mostBytes)])
        let many = (0...AlipayNoticeFields.mostFields).map { "f\($0)=1" }.joined(separator: "&")
        let longName = String(repeating: "n", count: AlipayNoticeFields.longestName + 1) + "=1"
        for body in [large, many, longName] {
            #expect(throws: NoticeRefusal.unreadable) { try verify(Array(body.utf8)) }
        }
    }

    @Test func `Alipay gets its seven bytes of success only if the notice was stored`() {
        #expect(provider.reply(to: .stored) == NoticeReply(status: 200, contentType: "text/plain", body: "success"))
        for refusal in [NoticeRefusal.badSignature, .unreadable, .tooOld] {
            #expect(provider.reply(to: .refused(refusal)).status == 400)
            #expect(provider.reply(to: .refused(refusal)).body == "failure")
        }
        #expect(provider.reply(to: .notStored) == NoticeReply(status: 500, contentType: "text/plain", body: "failure"))
    }

    @discardableResult
    private func verify(_ body: [UInt8]) throws -> ProviderNotice {
        try provider.verify(RawNotice(headers: [], body: body), at: AlipayFixture.now)
    }

    private func form(_ fields: [String: String]) -> String {
        fields.keys.sorted().map { "\($0)=\(AlipayNoticeTests.encoded(fields[$0]!))" }.joined(separator: "&")
    }
}
