import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// Reasons that the suite over HTTP does not produce. Its fault cases cover the others.
@Suite struct WhyUnknownTests {
    @Test(arguments: [
        (TransportError.Reason.timedOut, UnknownReason.timeout), (.connectTimedOut, .timeout),
        (.couldNotResolve, .connection), (.couldNotConnect, .connection), (.connectionBroken, .connection),
        (.leftAlone, .connection), (.tooManyCalls, .connection), (.other(code: 7), .connection),
        (.tlsNotTrusted, .tls), (.tlsFailed, .tls), (.malformedAnswer, .unreadable), (.answerTooLarge, .unreadable),
    ])
    func `a missing answer is unknown with its reason, and says whether the request may still arrive`(
        _ reason: TransportError.Reason, _ why: UnknownReason
    ) async {
        for (reach, doubt) in [
            (TransportError.Reach.neverSent, Doubt.answered(why)), (.mayHaveArrived, .unanswered(why)),
        ] {
            let alipay = AlipayFixture.provider(
                over: AlipayScript { _ throws(TransportError) in throw TransportError(reach, reason) })
            let stripe = StripeFixture.provider(
                over: StripeScript { _ throws(TransportError) in throw TransportError(reach, reason) })
            let sandbox = SandboxFixture.provider(
                over: SandboxScript { _ throws(TransportError) in throw TransportError(reach, reason) })
            #expect(await alipay.query(AlipayFixture.trade) == .unknown(doubt))
            #expect(await alipay.refund(AlipayFixture.refund) == .unknown(doubt))
            #expect(await stripe.close(StripeFixture.trade()) == .unknown(doubt))
            #expect(await stripe.create(StripeFixture.create()).doubt == doubt)
            #expect(await sandbox.follow(SandboxFixture.refund) == .unknown(doubt))
            #expect(await sandbox.create(SandboxFixture.create()).doubt == doubt)
        }
    }

    @Test func `an answer about another trade is unknown with reason other_trade`() async {
        let other = "20261122_0001_2"
        let doubt = Doubt.answered(.otherTrade)
        let node = AlipayAnswerTests.trade("WAIT_BUYER_PAY", ["out_trade_no": other])
        let alipay = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .query))
        #expect(await alipay.query(AlipayFixture.trade) == .unknown(doubt))
        let weChatPay = WeChatPayFixture.provider(answered: 200, WeChatPayFixture.paid(number: other))
        #expect(await weChatPay.query(WeChatPayFixture.trade) == .unknown(doubt))
        let session = StripeSample { $0.clientReference = other }.json
        #expect(await StripeFixture.provider(answered: 200, session).query(StripeFixture.trade()) == .unknown(doubt))
        #expect(await StripeFixture.provider(answered: 200, session).close(StripeFixture.trade()) == .unknown(doubt))
        let trade = #"{"code":"SUCCESS","trade":{"trade_no":"\#(other)","state":"unpaid"}}"#
        #expect(
            await SandboxFixture.provider(answered: 200, trade).query(SandboxFixture.trade) == .unknown(doubt))
    }

    @Test func `an answer about another refund is unknown with reason other_trade`() async {
        let doubt = Doubt.answered(.otherTrade)
        let standing = #"{"out_refund_no":"20261122_0001_1_r9","status":"SUCCESS"}"#
        #expect(
            await WeChatPayFixture.provider(answered: 200, standing).follow(WeChatPayFixture.refund)
                == .unknown(doubt))
        let refund = StripeRefundSample { $0.number = "20261122_0001_1_r9" }.json
        #expect(await StripeFixture.provider(answered: 200, refund).refund(StripeFixture.refund) == .unknown(doubt))
    }

    @Test func `a Stripe refund that waits for the balance is submitted and needs attention`() async {
        let body = StripeRefundSample { $0.status = "pending" }.json
            .replacing(#""status":"pending""#, with: #""status":"pending","pending_reason":"insufficient_funds""#)
        let held = RefundAnswer.held(ProviderError(code: "insufficient_funds", weight: .balance))
        #expect(await StripeFixture.provider(answered: 200, body).refund(StripeFixture.refund) == held)
        let list = #"{"object":"list","data":[\#(body)],"has_more":false}"#
        #expect(await StripeFixture.provider(answered: 200, list).follow(StripeFixture.refund) == held)
    }

    @Test func `a provider's message is reported with its code, whatever JSON type it has`() async {
        for (message, told) in [(#""账户异常""#, "账户异常"), ("7", nil), ("null", nil), (#"{"a":1}"#, nil)]
            as [(String, String?)]
        {
            let body = #"{"code":"USER_ACCOUNT_ABNORMAL","message":\#(message)}"#
            let error = ProviderError(code: "USER_ACCOUNT_ABNORMAL", message: told, weight: .refusal)
            #expect(
                await WeChatPayFixture.provider(answered: 403, body).refund(WeChatPayFixture.refund)
                    == .unknown(.answered(.code(error))))
        }
    }
}
