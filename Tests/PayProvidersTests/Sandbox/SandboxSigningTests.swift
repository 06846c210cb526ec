import PayCore
import Testing

@testable import PayProviders

@Suite struct SandboxSigningTests {
    private let signer = SandboxFixture.signer
    private let now = SandboxFixture.now
    private let body = Array(#"{"amount":9900}"#.utf8)
    private let use = SandboxUse.request(method: "POST", path: "/api/create")

    @Test func `what was signed is believed, and says when it was signed`() {
        let signature = signer.sign(body, for: use, at: now)
        let checked = signer.check(
            timestamp: "\(now.milliseconds)", signature: signature.text, of: body, for: use)
        #expect(checked == signature)
        #expect(checked?.signedAt == now)
    }

    /// Computed by `openssl dgst -sha256 -hmac key` over the three parts, independently of our code.
    @Test func `the signature is HMAC-SHA256 over use, time and body, each on its own line`() {
        let signer = SandboxSigner(secret: Secret("key"))
        let signature = signer.sign(Array("{}".utf8), for: use, at: Instant(milliseconds: 1_795_341_600_000))
        #expect(signature.text == "c5e4b6f67bdeeab11e06b80067b9a067f1ce36eada4ffe7b4e4b36a423caf479")
    }

    @Test func `a body with any one bit changed is not believed`() {
        let signature = signer.sign(body, for: use, at: now)
        for index in body.indices {
            for bit in 0..<8 {
                var changed = body
                changed[index] ^= 1 << UInt8(bit)
                #expect(check(signature.text, of: changed) == nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test func `a signature with any one character changed is not believed`() {
        let text = signer.sign(body, for: use, at: now).text
        for index in Array(text.utf8).indices {
            for bit in 0..<7 {
                var changed = Array(text.utf8)
                changed[index] ^= 1 << UInt8(bit)
                let other = String(decoding: changed, as: UTF8.self)
                #expect(check(other, of: body) == nil, "character \(index), bit \(bit)")
            }
        }
    }

    @Test(arguments: ["", "0", "zz", String(repeating: "0", count: 64), String(repeating: "é", count: 32)])
    func `what can't be a signature is not believed`(_ text: String) {
        #expect(check(text, of: body) == nil)
    }

    @Test func `a signature is not believed in capitals, cut short, with more behind it, or missing`() {
        let text = signer.sign(body, for: use, at: now).text
        #expect(check(text.uppercased(), of: body) == nil)
        #expect(check(String(text.dropLast(2)), of: body) == nil)
        #expect(check(text + "00", of: body) == nil)
        #expect(check(nil, of: body) == nil)
    }

    @Test func `a time other than the one signed is not believed, however little it differs`() {
        let text = signer.sign(body, for: use, at: now).text
        for timestamp in ["\(now.milliseconds + 1)", "+\(now.milliseconds)", "0\(now.milliseconds)", "", nil] {
            #expect(signer.check(timestamp: timestamp, signature: text, of: body, for: use) == nil)
        }
    }

    @Test(arguments: [
        SandboxUse.request(method: "POST", path: "/api/close"), .request(method: "PUT", path: "/api/create"),
        .reply(status: 200, toRequestSignedBy: "abc"), .notice(channel: "sandbox"),
    ])
    func `what was signed for one use is not believed for another`(_ other: SandboxUse) {
        let text = signer.sign(body, for: use, at: now).text
        #expect(signer.check(timestamp: "\(now.milliseconds)", signature: text, of: body, for: other) == nil)
    }

    @Test func `another secret signs otherwise`() {
        let text = SandboxSigner(secret: Secret("another")).sign(body, for: use, at: now).text
        #expect(check(text, of: body) == nil)
    }

    private func check(_ signature: String?, of body: [UInt8]) -> SandboxSignature? {
        signer.check(timestamp: "\(now.milliseconds)", signature: signature, of: body, for: use)
    }
}
