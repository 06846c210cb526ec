import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

private let closed = #"{"code":"10000","msg":"Success","out_trade_no":"20261122_0001_1"}"#
private let noTrade = #"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"…"}"#

/// Only signed answers are believed.
@Suite struct AlipayTrustTests {
    /// A forged reply that reports a successful close.
    enum Forgery: CaseIterable, Sendable {
        case oneByteChanged, byAnotherKey, bySHA1, unsigned, emptySignature, signatureOfAnotherText, signatureNotBase64
        case signatureIsNoText, nodeTwice, nodeNamedBehind, signatureTwice, ofAnotherMethod, errorNode, bothNodes
        case serverError, redirect, somethingBehind, notEnded, noObject, encrypted, spaceInSignature

        func reply() throws -> ProviderReply {
            let key = AlipayFixture.alipay
            let name = AlipayMethod.close.node
            let member = #""\#(name)":\#(closed)"#
            let signature = key.sign(closed)
            switch self {
            case .oneByteChanged:
                let changed = closed.replacing("Success", with: "success")
                return AlipayFixture.reply(#"{"\#(name)":\#(changed),"sign":"\#(signature)"}"#)
            case .byAnotherKey: return AlipayFixture.reply(closed, to: .close, by: AlipayFixture.somebody)
            case .bySHA1: return AlipayFixture.reply(#"{\#(member),"sign":"\#(try key.signBySHA1(closed))"}"#)
            case .unsigned: return AlipayFixture.reply("{\(member)}")
            case .emptySignature: return AlipayFixture.reply(#"{\#(member),"sign":""}"#)
            case .signatureOfAnotherText:
                return AlipayFixture.reply(#"{\#(member),"sign":"\#(key.sign(closed + " "))"}"#)
            case .signatureNotBase64: return AlipayFixture.reply(#"{\#(member),"sign":"\#(signature)?"}"#)
            case .signatureIsNoText: return AlipayFixture.reply(#"{\#(member),"sign":{"sign":"\#(signature)"}}"#)
            case .nodeTwice: return AlipayFixture.reply(#"{\#(member),\#(member),"sign":"\#(signature)"}"#)
            case .nodeNamedBehind:
                return AlipayFixture.reply(#"{\#(member),"sign":"\#(signature)","x":"\#(name)"}"#)
            case .signatureTwice:
                return AlipayFixture.reply(#"{\#(member),"sign":"\#(signature)","sign":"\#(signature)"}"#)
            case .ofAnotherMethod: return AlipayFixture.reply(closed, to: .query)
            case .errorNode: return AlipayFixture.reply(#"{"error_response":\#(closed),"sign":"\#(signature)"}"#)
            case .bothNodes:
                return AlipayFixture.reply(#"{\#(member),"error_response":\#(closed),"sign":"\#(signature)"}"#)
            case .serverError: return AlipayFixture.reply(closed, to: .close, status: 500)
            case .redirect: return AlipayFixture.reply(closed, to: .close, status: 302)
            case .somethingBehind: return AlipayFixture.reply(#"{\#(member),"sign":"\#(signature)"}{}"#)
            case .notEnded: return AlipayFixture.reply(#"{\#(member),"sign":"\#(signature)""#)
            case .noObject: return AlipayFixture.reply(#"[{\#(member),"sign":"\#(signature)"}]"#)
            case .encrypted: return AlipayFixture.reply(#"{"\#(name)":"AAAA","sign":"\#(key.sign("\"AAAA\""))"}"#)
            case .spaceInSignature: return AlipayFixture.reply(#"{\#(member),"sign":" \#(signature)"}"#)
            }
        }
    }

    @Test(arguments: Forgery.allCases)
    func `an Alipay reply that is unsigned or ambiguous decides nothing`(
        _ forgery: Forgery
    ) async throws {
        let provider = AlipayFixture.provider(answered: try forgery.reply())
        #expect(await provider.close(AlipayFixture.trade).withoutReason == .unknown(.answered))
    }

    @Test(arguments: [
        #"{"NODE":CLOSED,"sign":"SIGN"}"#, #"{"sign":"SIGN","NODE":CLOSED}"#,
        #" { "NODE" : CLOSED , "alipay_cert_sn" : "1" , "sign" : "SIGN" } "#,
        #"{"NODE":CLOSED,"x":[1,{"sign":"}"}],"y":null,"z":1.5,"w":"\"}","sign":"SIGN"}"#,
    ])
    func `a signed Alipay reply is believed in any order of its members`(_ shape: String) async {
        let text = shape.replacing("NODE", with: AlipayMethod.close.node)
            .replacing("SIGN", with: AlipayFixture.alipay.sign(closed)).replacing("CLOSED", with: closed)
        #expect(
            await AlipayFixture.provider(answered: AlipayFixture.reply(text)).close(AlipayFixture.trade) == .accepted)
    }

    @Test func `an Alipay signature with escaped slashes is valid`() async {
        let signature = AlipayFixture.alipay.sign(closed).replacing("/", with: #"\/"#)
        let reply = AlipayFixture.reply(#"{"\#(AlipayMethod.close.node)":\#(closed),"sign":"\#(signature)"}"#)
        #expect(await AlipayFixture.provider(answered: reply).close(AlipayFixture.trade) == .accepted)
    }

    @Test(arguments: [
        #"{ "msg":"}{\"\\", "code" :"10000" ,"deep":{"a":[{"b":"]"}]}}"#, #"{"code":"10000","url":"https:\/\/x"}"#,
        #"{"msg":"\u6210\u529f 成功","code":"10000"}"#,
    ])
    func `an Alipay node is verified byte for byte, with spaces, braces and escapes`(_ node: String) async {
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .close))
        #expect(await provider.close(AlipayFixture.trade) == .accepted)
    }

    @Test func `a reply with any one byte of its node or signature changed decides nothing`() async {
        let whole = AlipayFixture.reply(closed, to: .close).body
        for index in whole.indices {
            var body = whole
            body[index] ^= 1
            let reply = ProviderReply(status: 200, body: body)
            #expect(
                await AlipayFixture.provider(answered: reply).close(AlipayFixture.trade).withoutReason
                    == .unknown(.answered))
        }
    }

    @Test func `an unsigned "no such trade" of Alipay decides nothing`() async {
        for method in [AlipayMethod.query, .close, .refund, .refundQuery, .precreate] {
            let bare = AlipayFixture.unsigned(noTrade, to: method)
            let error = AlipayFixture.reply(#"{"error_response":\#(noTrade)}"#)
            for reply in [bare, error] {
                let provider = AlipayFixture.provider(
                    AlipayFixture.configuration(pcMethod: .precreate), answered: reply)
                #expect(await provider.query(AlipayFixture.trade).withoutReason == .unknown(.answered))
                #expect(await provider.close(AlipayFixture.trade).withoutReason == .unknown(.answered))
                #expect(await provider.refund(AlipayFixture.refund).withoutReason == .unknown(.answered))
                #expect(await provider.follow(AlipayFixture.refund).withoutReason == .unknown(.answered))
                #expect(await provider.create(AlipayFixture.create()).withoutReason == .unknown(.answered))
            }
        }
    }

    @Test(arguments: [
        (
            #"{"code":"40002","sub_code":"isv.invalid-signature"}"#,
            CreateAnswer.refused(reason: "isv.invalid-signature")
        ),
        (#"{"code":"40001"}"#, .refused(reason: "40001")),
        (
            #"{"code":"40003","sub_code":"isv.missing-signature-config"}"#,
            .refused(reason: "isv.missing-signature-config")
        ),
        (#"{"code":"40006","sub_code":"isv.x"}"#, .refused(reason: "isv.x")),
        (#"{"code":"40004","sub_code":"ACQ.INVALID_PARAMETER"}"#, .unknown(.answered)),
        (#"{"code":"40004","sub_code":"ACQ.TRADE_HAS_SUCCESS"}"#, .unknown(.answered)),
        (#"{"code":"20000","sub_code":"isp.unknow-error"}"#, .unknown(.answered)),
        (#"{"code":"20001"}"#, .unknown(.answered)), (#"{"code":"10000"}"#, .unknown(.answered)),
    ])
    func `an unsigned refusal of Alipay's gateway refuses a precreate and nothing else`(
        _ node: String, _ answer: CreateAnswer
    ) async {
        for name in [AlipayMethod.precreate.node, "error_response"] {
            let provider = AlipayFixture.provider(
                AlipayFixture.configuration(pcMethod: .precreate),
                answered: AlipayFixture.reply(#"{"\#(name)":\#(node)}"#))
            #expect(await provider.create(AlipayFixture.create()).withoutReason == answer)
            #expect(await provider.query(AlipayFixture.trade).withoutReason == .unknown(.answered))
            #expect(await provider.close(AlipayFixture.trade).withoutReason == .unknown(.answered))
            #expect(await provider.refund(AlipayFixture.refund).withoutReason == .unknown(.answered))
            #expect(await provider.follow(AlipayFixture.refund).withoutReason == .unknown(.answered))
        }
    }

    @Test func `an Alipay request that never left is not sent; an unanswered one may still arrive`() async {
        for (reach, doubt) in [(TransportError.Reach.neverSent, Doubt.answered), (.mayHaveArrived, .unanswered)] {
            let script = AlipayScript { _ throws(TransportError) in throw TransportError(reach, .timedOut) }
            let provider = AlipayFixture.provider(AlipayFixture.configuration(pcMethod: .precreate), over: script)
            let created = await provider.create(AlipayFixture.create())
            #expect(
                created.withoutReason == (reach == .neverSent ? .notSent(reason: "timedOut") : .unknown(.unanswered)))
            #expect(await provider.query(AlipayFixture.trade).withoutReason == .unknown(doubt))
            #expect(await provider.close(AlipayFixture.trade).withoutReason == .unknown(doubt))
            #expect(await provider.refund(AlipayFixture.refund).withoutReason == .unknown(doubt))
            #expect(await provider.follow(AlipayFixture.refund).withoutReason == .unknown(doubt))
        }
    }

    @Test(arguments: ["", "<html>502</html>", "null", "[]", "\u{0}", "{", #"{"a":"b"}"#, #"{"sign":"x"}"#])
    func `an unreadable Alipay answer decides nothing`(_ text: String) async {
        let provider = AlipayFixture.provider(
            AlipayFixture.configuration(pcMethod: .precreate), answered: AlipayFixture.reply(text))
        #expect(await provider.create(AlipayFixture.create()).withoutReason == .unknown(.answered))
        #expect(await provider.query(AlipayFixture.trade).withoutReason == .unknown(.answered))
    }
}
