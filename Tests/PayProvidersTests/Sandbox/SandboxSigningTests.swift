import PayCore
import Testing

@testable import PayProviders

@Suite struct SandboxSigningTests {
    private let signer = SandboxFixture.signer
    private let now = SandboxFixture.now
    private let body = Array(#"{"amount":9900}"#.utf8)
    private let use = SandboxUse.request(method: "POST", path: "/api/create")

    @Test func `a valid sandbox signature is accepted with its time`() {
        let signature = signer.sign(body, for: use, at: now)
        let checked = signer.check(
            timestamp: "\(now.milliseconds)", signature: signature.text, of: body, for: use)
        #expect(checked == signature)
        #expect(checked?.signedAt == now)
    }

    /// Computed by `openssl dgst -sha256 -hmac key` over the three parts, independently of our code.
    @Test func `the sandbox's signature is HMAC-SHA256 over use, time and body, each on its own line`() {
        let signer = SandboxSigner(secret: Secret("key"))
        let signature = signer.sign(Array("{}".utf8), for: use, at: Instant(milliseconds: 1_795_341_600_000))
        #expect(signature.text == "c5e4b6f67bdeeab11e06b80067b9a067f1ce36eada4ffe7b4e4b36a423caf479")
    }

    @Test func `the sandbox's signature fails with one changed bit of the body`() {
        let signature = signer.sign(body, for: use, at: now)
        for index in body.indices {
            for bit in 0..<8 {
                var changed = body
                changed[index] ^= 1 << UInt8(bit)
                #expect(check(signature.text, of: changed) == nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test func `the sandbox's signature fails with one changed character`() {
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
    func `a malformed sandbox signature fails`(_ text: String) {
        #expect(check(text, of: body) == nil)
    }

    @Test func `a sandbox signature in capitals, truncated, extended or missing fails`() {
        let text = signer.sign(body, for: use, at: now).text
        #expect(check(text.uppercased(), of: body) == nil)
        #expect(check(String(text.dropLast(2)), of: body) == nil)
        #expect(check(text + "00", of: body) == nil)
        #expect(check(nil, of: body) == nil)
    }

    @Test func `a sandbox signature with another timestamp fails`() {
        let text = signer.sign(body, for: use, at: now).text
        for timestamp in ["\(now.milliseconds + 1)", "+\(now.milliseconds)", "0\(now.milliseconds)", "", nil] {
            #expect(signer.check(timestamp: timestamp, signature: text, of: body, for: use) == nil)
        }
    }

    @Test(arguments: [
        SandboxUse.request(method: "POST", path: "/api/close"), .request(method: "PUT", path: "/api/create"),
        .reply(status: 200, toRequestSignedBy: "abc"), .notice(channel: "sandbox"),
    ])
    func `a sandbox signature for one use fails for another`(_ other: SandboxUse) {
        let text = signer.sign(body, for: use, at: now).text
        #expect(signer.check(timestamp: "\(now.milliseconds)", signature: text, of: body, for: other) == nil)
    }

    @Test func `a sandbox signature of another secret fails`() {
        let text = SandboxSigner(secret: Secret("another")).sign(body, for: use, at: now).text
        #expect(check(text, of: body) == nil)
    }

    private func check(_ signature: String?, of body: [UInt8]) -> SandboxSignature? {
        signer.check(timestamp: "\(now.milliseconds)", signature: signature, of: body, for: use)
    }
}
