import Foundation
import PayCore
import PayFlow
import Testing

@testable import PayProviders

@Suite struct AlipayVectorTests {
    private let replyKey: RSAVerifyingKey
    private let noticeKey: RSAVerifyingKey
    private let requestKey: RSAVerifyingKey

    init() throws {
        replyKey = try RSAVerifyingKey(text: AlipayVectors.Reply.alipayKey)
        noticeKey = try RSAVerifyingKey(text: AlipayVectors.Notice.alipayKey)
        requestKey = try RSAVerifyingKey(text: AlipayVectors.requestKey)
    }

    @Test func `AL-RESP-1: the scanner finds the signed text of a real reply, and its signature fits`() throws {
        let found = try scan(AlipayVectors.Reply.body)
        #expect(String(decoding: found.node, as: UTF8.self) == AlipayVectors.Reply.signed)
        #expect(!found.isErrorNode)
        #expect(replyKey.isSigned(found.node, byBase64: found.signature ?? ""))
    }

    @Test func `AL-RESP-1 with any one byte of its node changed is not signed`() throws {
        let found = try scan(AlipayVectors.Reply.body)
        for index in found.node.indices {
            var node = found.node
            node[index] ^= 1
            #expect(!replyKey.isSigned(node, byBase64: found.signature ?? ""))
        }
    }

    @Test func `AL-RESP-1 is not signed by another key`() throws {
        let found = try scan(AlipayVectors.Reply.body)
        #expect(!noticeKey.isSigned(found.node, byBase64: found.signature ?? ""))
    }

    @Test func `AL-RESP-1 with its node doubled is refused, wherever the second stands`() {
        let member = #""\#(AlipayVectors.Reply.node)":\#(AlipayVectors.Reply.signed)"#
        let body = AlipayVectors.Reply.body
        let after = body.dropLast() + "," + member + "}"
        let before = "{" + member + "," + body.dropFirst()
        for text in [String(after), String(before)] {
            #expect(AlipayReplyScanner.scan(Array(text.utf8), node: AlipayVectors.Reply.node) == nil)
        }
    }

    @Test func `AL-NOTIFY-1: a real notice of a payment is believed`() throws {
        let read = try verify(AlipayVectors.Notice.fields)
        #expect(read.id == "2019081500222155624068450559358070")
        #expect(read.tradeNumber == "20190815155618536-564-57")
        guard case .foreignPayment = read.content else { return #expect(Bool(false), "expected a foreign payment") }
    }

    @Test func `AL-NOTIFY-1: the text that its signature covers leaves sign and sign_type out`() throws {
        let fields = try #require(AlipayNoticeFields(formBody(AlipayVectors.Notice.fields)))
        let signed = fields.all.filter { !["sign", "sign_type"].contains($0.name) }
        #expect(AlipaySignString.of(signed) == AlipayVectors.Notice.signed)
    }

    @Test func `AL-NOTIFY-1 is not signed over the text that keeps sign_type`() {
        let kept = AlipayReading.signString(AlipayVectors.Notice.fields)
        #expect(!noticeKey.isSigned(Array(kept.utf8), byBase64: AlipayVectors.Notice.fields["sign"] ?? ""))
    }

    @Test(arguments: AlipayVectors.Notice.fields.keys.sorted())
    func `AL-NOTIFY-1 with one byte of a field changed, or without it, is refused`(_ name: String) throws {
        let value = try #require(AlipayVectors.Notice.fields[name])
        var changed = AlipayVectors.Notice.fields
        var bytes = Array(value.utf8)
        bytes[0] ^= 1
        changed[name] = String(decoding: bytes, as: UTF8.self)
        var lacking = AlipayVectors.Notice.fields
        lacking[name] = nil
        for fields in [changed, lacking] {
            #expect(throws: NoticeRefusal.badSignature) { try verify(fields) }
        }
    }

    @Test func `AL-NOTIFY-1 is refused under another key`() {
        #expect(throws: NoticeRefusal.badSignature) { try verify(AlipayVectors.Notice.fields, key: replyKey) }
    }

    @Test(arguments: AlipayVectors.requests)
    func `AL-REQ: our sign string is the vector's, and its signature fits`(_ vector: AlipayVectors.Request) {
        let text = AlipaySignString.of(vector.parameters.map { AlipayParameter($0.key, $0.value) })
        #expect(text == vector.signString)
        #expect(requestKey.isSigned(Array(text.utf8), byBase64: vector.signature))
    }

    @Test(arguments: AlipayVectors.requests)
    func `AL-REQ is not signed by another key`(_ vector: AlipayVectors.Request) {
        #expect(!replyKey.isSigned(Array(vector.signString.utf8), byBase64: vector.signature))
    }

    @Test(arguments: AlipayVectors.requests)
    func `AL-REQ with any one byte of its text changed is not signed`(_ vector: AlipayVectors.Request) {
        let whole = Array(vector.signString.utf8)
        for index in whole.indices {
            var text = whole
            text[index] ^= 1
            #expect(!requestKey.isSigned(text, byBase64: vector.signature))
        }
    }

    private func scan(_ body: String) throws -> AlipayReplyScanner.Found {
        try #require(AlipayReplyScanner.scan(Array(body.utf8), node: AlipayVectors.Reply.node))
    }

    private func verify(_ fields: [String: String], key: RSAVerifyingKey? = nil) throws -> ProviderNotice {
        let configuration = AlipayFixture.configuration(
            alipayKey: key ?? noticeKey, appID: AlipayVectors.Notice.fields["app_id"] ?? "")
        return try AlipayFixture.provider(configuration)
            .verify(RawNotice(headers: [], body: formBody(fields)), at: AlipayFixture.now)
    }

    private func formBody(_ fields: [String: String]) -> [UInt8] {
        Array(AlipayEncoding.form(fields.map { AlipayParameter($0.key, $0.value) }).utf8)
    }
}
