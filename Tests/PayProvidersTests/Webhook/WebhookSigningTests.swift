import PayCore
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct WebhookSigningTests {
    /// The scheme's published example, verified with Python's hmac.
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private static let time = Instant(milliseconds: 1_614_265_330_987)
    private static let body = Array(#"{"test": 2432232314}"#.utf8)
    private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    private func headers(_ secret: String) throws -> [String: String] {
        let signer = try #require(WebhookSigner(secret: Secret(secret)))
        let headers = [signer].headers(of: Self.id, body: Self.body, at: Self.time)
        return Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) })
    }

    @Test(arguments: [secret, String(secret.dropFirst("whsec_".count))])
    func `the Standard Webhooks example gets its published signature`(_ secret: String) throws {
        #expect(
            try headers(secret) == [
                "webhook-id": Self.id, "webhook-timestamp": "1614265330", "webhook-signature": Self.signature,
            ])
    }

    @Test func `the tests' webhook verifier accepts the published example and rejects altered ones`() {
        let verifier = WebhookVerifier(secret: Self.secret)
        let good = (id: Self.id, time: "1614265330", signature: Self.signature, body: Self.body)
        #expect(verifier.accepts(id: good.id, timestamp: good.time, signatures: good.signature, body: good.body))
        #expect(
            verifier.accepts(
                id: good.id, timestamp: good.time, signatures: "v1,xxxx \(good.signature)", body: good.body))
        #expect(!verifier.accepts(id: "msg_x", timestamp: good.time, signatures: good.signature, body: good.body))
        #expect(!verifier.accepts(id: good.id, timestamp: "1614265331", signatures: good.signature, body: good.body))
        #expect(!verifier.accepts(id: good.id, timestamp: good.time, signatures: good.signature, body: [0]))
        #expect(!verifier.accepts(id: good.id, timestamp: good.time, signatures: "v1,xxxx", body: good.body))
        #expect(!verifier.accepts(id: good.id, timestamp: good.time, signatures: nil, body: good.body))
    }

    @Test(arguments: [
        "not base64, but a text", "abc", "=abc", "abcd====", "ab d",
        "schlüssel-schlüssel-schlüssel", "====", "whsec",
    ])
    func `a webhook secret that is not base64 is used as raw bytes`(_ secret: String) throws {
        let made = try headers(secret)
        #expect(
            WebhookVerifier(key: Array(secret.utf8)).accepts(
                id: made["webhook-id"], timestamp: made["webhook-timestamp"], signatures: made["webhook-signature"],
                body: Self.body))
    }

    @Test func `a hexadecimal webhook secret is decoded as base64, as by the scheme's libraries`() throws {
        let secret = String(repeating: "0123456789abcdef", count: 4)
        let made = try headers(secret)
        #expect(
            WebhookVerifier(secret: "whsec_\(secret)").accepts(
                id: made["webhook-id"], timestamp: made["webhook-timestamp"], signatures: made["webhook-signature"],
                body: Self.body))
    }

    @Test(arguments: ["", "whsec_", "whsec_not base64", "whsec_abc"])
    func `a webhook secret with the prefix whsec_ but without base64 is rejected`(_ secret: String) {
        #expect(WebhookSigner(secret: Secret(secret)) == nil)
    }

    @Test(arguments: [
        (secret, false), ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ==", true), ("short", true),
        ("twentyfourlettersinall++", true), ("twenty-four bytes long--", false),
    ])
    func `a webhook key below 24 bytes is reported as short`(_ secret: String, _ isShort: Bool) throws {
        #expect(try #require(WebhookSigner(secret: Secret(secret))).hasShortKey == isShort)
    }

    @Test func `a webhook signer does not print its key`() throws {
        let signer = try #require(WebhookSigner(secret: Secret("a secret that nobody may read")))
        #expect(!String(reflecting: signer).contains("nobody") && !"\(signer)".contains("nobody"))
    }
}
