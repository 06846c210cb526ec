import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// Answers and notices with wrong signatures. None is believed.
@Suite struct WeChatPayTrustTests {
    private typealias Fixture = WeChatPayFixture

    /// One kind of wrong signature.
    struct Twin: Sendable, CustomStringConvertible {
        let description: String
        let refusal: NoticeRefusal
        let change: @Sendable (inout WeChatPayTestMessage) -> Void

        init(
            _ description: String, _ refusal: NoticeRefusal = .badSignature,
            _ change: @escaping @Sendable (inout WeChatPayTestMessage) -> Void
        ) {
            self.description = description
            self.refusal = refusal
            self.change = change
        }
    }

    private static let seconds = Fixture.now.milliseconds / 1_000

    static let twins = [
        Twin("signed by another key") { $0.key = Fixture.strangerKey },
        Twin("named for another serial", .unknownSerial) { $0.serial = "PUB_KEY_ID_0116000000012024110600000000002" },
        Twin("named for the serial in other letters", .unknownSerial) { $0.serial = $0.serial.lowercased() },
        Twin("named for a platform certificate that nobody has", .unknownSerial) {
            $0.serial = WeChatPayVectors.certificateSerial
        },
        Twin("300 seconds old", .tooOld) { $0.timestamp = "\(seconds - 300)" },
        Twin("300 seconds ahead", .tooOld) { $0.timestamp = "\(seconds + 300)" },
        Twin("from the beginning of time", .tooOld) { $0.timestamp = "0" },
        Twin("of no time") { $0.timestamp = "now" },
        Twin("of a negative time") { $0.timestamp = "-\(seconds)" },
        Twin("of a time too large to count") { $0.timestamp = "99999999999999999999" },
        Twin("signed by SHA-1") { $0.isSHA1 = true },
        Twin("probed by SIGNTEST") { $0.signature = "WECHATPAY/SIGNTEST/" + ($0.key.sha256($0.body).dropFirst(19)) },
        Twin("of a kind that isn't known") { $0.type = "WECHATPAY2-SM2-WITH-SM3" },
        Twin("without a signature") { $0.leftOut = ["Wechatpay-Signature"] },
        Twin("without a timestamp") { $0.leftOut = ["Wechatpay-Timestamp"] },
        Twin("without a nonce") { $0.leftOut = ["Wechatpay-Nonce"] },
        Twin("without a serial") { $0.leftOut = ["Wechatpay-Serial"] },
        Twin("signed with nothing") { $0.signature = "" },
        Twin("signed with what is no base64") { $0.signature = "%%%%" },
        Twin("signed with what is too short") { $0.signature = "AAAA" },
    ]

    @Test(arguments: twins)
    func `an answer is unknown, whatever it says, when it is`(_ twin: Twin) async {
        let page = #"{"code_url":"weixin://wxpay/bizpayurl?pr=1"}"#
        let standing = #"{"out_refund_no":"20261122_0001_1_r1","status":"SUCCESS"}"#
        func provider(_ status: Int, _ body: String) -> WeChatPayProvider {
            Fixture.provider(answered: WeChatPayTestMessage(body).with(twin.change).reply(status))
        }
        let doubt = Doubt.answered(twin.refusal == .unknownSerial ? .serial : .signature)
        #expect(await provider(200, page).create(Fixture.create()) == .unknown(doubt))
        #expect(await provider(200, Fixture.paid()).query(Fixture.trade) == .unknown(doubt))
        #expect(await provider(204, "").close(Fixture.trade) == .unknown(doubt))
        #expect(await provider(200, standing).refund(Fixture.refund) == .unknown(doubt))
        #expect(await provider(200, standing).follow(Fixture.refund) == .unknown(doubt))
    }

    @Test(arguments: twins)
    func `a notice is refused when it is`(_ twin: Twin) {
        let notice = WeChatPayTestMessage(Fixture.envelope(Fixture.paid())).with(twin.change).notice
        #expect(throws: twin.refusal) { try Fixture.listener.verify(notice, at: Fixture.now) }
    }

    @Test func `a WeChat answer with one changed byte is unknown`() async {
        let message = WeChatPayTestMessage(Fixture.paid())
        let headers = message.headers
        for index in message.body.indices {
            var body = message.body
            body[index] ^= 1
            let reply = ProviderReply(status: 200, headers: headers, body: body)
            #expect(await Fixture.provider(answered: reply).query(Fixture.trade).withoutReason == .unknown(.answered))
        }
    }

    @Test func `a WeChat notice with one changed byte is refused before it is read`() {
        let message = WeChatPayTestMessage(Fixture.envelope(Fixture.paid()))
        let whole = message.notice
        for index in whole.body.indices {
            var body = whole.body
            body[index] ^= 1
            #expect(throws: NoticeRefusal.badSignature) {
                try Fixture.listener.verify(RawNotice(headers: whole.headers, body: body), at: Fixture.now)
            }
        }
    }

    @Test func `a WeChat answer is believed without a Request-ID`() async {
        let nameless = WeChatPayTestMessage(Fixture.paid()).with { $0.leftOut = ["Request-ID"] }.reply(200)
        #expect(await Fixture.provider(answered: nameless).query(Fixture.trade) == .paid(Fixture.receipt))
    }

    @Test func `a WeChat answer with a repeated header is unknown`() async {
        let message = WeChatPayTestMessage(Fixture.paid())
        for name in ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"] {
            let twice = message.headers + message.headers.filter { $0.name == name }
            let reply = ProviderReply(status: 200, headers: twice, body: message.body)
            #expect(
                await Fixture.provider(answered: reply).query(Fixture.trade).withoutReason == .unknown(.answered),
                "\(name)")
        }
    }

    @Test func `a WeChat notice with a repeated header is refused`() {
        let whole = WeChatPayTestMessage(Fixture.envelope(Fixture.paid())).with { $0.type = WeChatPaySigner.scheme }
            .notice
        for header in whole.headers where header.name != "Request-ID" {
            let twice = RawNotice(headers: whole.headers + [header], body: whole.body)
            #expect(throws: NoticeRefusal.badSignature) { try Fixture.listener.verify(twice, at: Fixture.now) }
        }
    }

    @Test(arguments: [-299, -1, 0, 299])
    func `a WeChat message is believed for less than five minutes, whichever clock is ahead`(_ seconds: Int64)
        async throws
    {
        let change: (inout WeChatPayTestMessage) -> Void = { $0.timestamp = "\(Self.seconds + seconds)" }
        let reply = WeChatPayTestMessage(Fixture.paid()).with(change).reply(200)
        #expect(await Fixture.provider(answered: reply).query(Fixture.trade) == .paid(Fixture.receipt))
        _ = try Fixture.listener.verify(
            WeChatPayTestMessage(Fixture.envelope(Fixture.paid())).with(change).notice, at: Fixture.now)
    }

    @Test func `WeChat's headers are read in any case`() async {
        let message = WeChatPayTestMessage(Fixture.paid())
        let headers = message.headers.map { Header(name: $0.name.lowercased(), value: $0.value) }
        let reply = ProviderReply(status: 200, headers: headers, body: message.body)
        #expect(await Fixture.provider(answered: reply).query(Fixture.trade) == .paid(Fixture.receipt))
    }
}
