import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// The published vectors, and signatures that are nearly right.
@Suite struct StripeSigningTests {
    /// Computed by Stripe's own Python library, with the secret `whsec_test_secret` at t = 1700000000.
    struct Vector: Sendable {
        let name: String
        let body: String
        let code: String
    }

    static let st1 = Vector(
        name: "ST-1", body: #"{"id":"evt_test","object":"event"}"#,
        code: "8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724")
    static let st2 = Vector(
        name: "ST-2", body: #"{"a":"测试"}"#, code: "1a84b043070b950a4883a95539e4e48066b1b7d1e1206e96b7e74e4fbe8d5339")

    private static let time: Int64 = 1_700_000_000
    private static let signedAt = Instant(milliseconds: time * 1_000)
    private static let zeros = String(repeating: "0", count: 64)

    @Test(arguments: [st1, st2])
    func `Stripe's vectors ST-1 and ST-2 are valid by their secret`(_ vector: Vector) throws {
        try check("t=\(Self.time),v1=\(vector.code)", vector.body)
    }

    @Test(arguments: [st1, st2])
    func `Stripe's vectors with one changed byte of the body are refused`(_ vector: Vector) {
        let whole = Array(vector.body.utf8)
        for index in whole.indices {
            var body = whole
            body[index] ^= 1
            refuses(.badSignature, "t=\(Self.time),v1=\(vector.code)", body)
        }
        refuses(.badSignature, "t=\(Self.time),v1=\(vector.code)", whole + [0x20])
        refuses(.badSignature, "t=\(Self.time),v1=\(vector.code)", Array(whole.dropLast()))
    }

    @Test(arguments: [st1, st2])
    func `Stripe's vectors with one changed digit of the signature are refused`(_ vector: Vector) {
        for index in vector.code.indices {
            var code = vector.code
            code.replaceSubrange(index...index, with: code[index] == "0" ? "1" : "0")
            refuses(.badSignature, "t=\(Self.time),v1=\(code)", Array(vector.body.utf8))
        }
    }

    @Test(arguments: [st1, st2])
    func `Stripe's vectors with another secret are refused`(_ vector: Vector) {
        for secret in ["whsec_test_secre", "test_secret", "WHSEC_TEST_SECRET", ""] {
            refuses(.badSignature, "t=\(Self.time),v1=\(vector.code)", Array(vector.body.utf8), secret: secret)
        }
    }

    @Test(arguments: [
        "t=1700000000",
        "t=1700000000,v1=",
        "t=1700000000,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb72",
        "t=1700000000,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb7",
        "t=1700000000,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb7244",
        "t=1700000000,v1=8042376F6CA064ADBE037642A718227DFD59047137EB49497A54C49EB0CFB724",
        "t=1700000000,v0=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "t=1700000000,v2=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "t=1700000001,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "t=01700000000,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "t=+1700000000,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "t=,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "t=1700000000,t=1700000000,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "t=99999999999999999999,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724",
        "", ",", "=", "t", "v1",
    ])
    func `Stripe's ST-1 with a truncated signature, another scheme or time is refused`(
        _ header: String
    ) {
        refuses(.badSignature, header, Array(Self.st1.body.utf8))
    }

    @Test func `Stripe's ST-1 is accepted if one of several signatures is valid, ignoring other schemes`() throws {
        let code = Self.st1.code
        try check("t=\(Self.time),v1=\(Self.zeros),v1=\(code)", Self.st1.body)
        try check("t=\(Self.time),v1=\(code),v1=\(Self.zeros),v0=\(Self.zeros)", Self.st1.body)
        try check("v1=\(code),t=\(Self.time)", Self.st1.body)
        refuses(.badSignature, "t=\(Self.time),v1=\(Self.zeros),v1=\(Self.zeros)", Array(Self.st1.body.utf8))
    }

    @Test(arguments: [
        (Duration.zero, true), (.seconds(300), true), (.seconds(-300), true), (.milliseconds(300_001), false),
        (.milliseconds(-300_001), false), (.seconds(86_400 * 365), false), (.seconds(-86_400), false),
    ])
    func `Stripe's ST-1 is accepted within five minutes of its timestamp only`(
        _ age: Duration, _ isBelieved: Bool
    ) throws {
        let header = "t=\(Self.time),v1=\(Self.st1.code)"
        if isBelieved {
            try check(header, Self.st1.body, at: Self.signedAt + age)
        } else {
            refuses(.tooOld, header, Array(Self.st1.body.utf8), at: Self.signedAt + age)
        }
    }

    @Test func `Stripe's ST-1 with a too long or repeated header is refused`() {
        let right = "t=\(Self.time),v1=\(Self.st1.code)"
        let padding = ",v0=" + String(repeating: "0", count: 2_048)
        refuses(.badSignature, right + padding, Array(Self.st1.body.utf8))
        let crowd = "t=\(Self.time)" + String(repeating: ",v1=\(Self.zeros)", count: 16) + ",v1=\(Self.st1.code)"
        refuses(.badSignature, crowd, Array(Self.st1.body.utf8))
        let header = RawNotice.Header(name: "Stripe-Signature", value: right)
        let twice = RawNotice(headers: [header, header], body: Array(Self.st1.body.utf8))
        let none = RawNotice(headers: [], body: Array(Self.st1.body.utf8))
        for notice in [twice, none] {
            #expect(throws: NoticeRefusal.badSignature) {
                try StripeNoticeVerifier(secret: Secret("whsec_test_secret")).check(notice, at: Self.signedAt)
            }
        }
    }

    private func check(_ header: String, _ body: String, at now: Instant = signedAt) throws {
        try StripeNoticeVerifier(secret: Secret("whsec_test_secret"))
            .check(StripeFixture.notice(body, signedBy: header), at: now)
    }

    private func refuses(
        _ refusal: NoticeRefusal, _ header: String, _ body: [UInt8], secret: String = "whsec_test_secret",
        at now: Instant = signedAt
    ) {
        let notice = RawNotice(headers: [.init(name: "Stripe-Signature", value: header)], body: body)
        #expect(throws: refusal) { try StripeNoticeVerifier(secret: Secret(secret)).check(notice, at: now) }
    }
}
