import PayAccess
import PayCore
import Testing

@Suite struct OneTimeCodeTests {
    /// RFC 6238, appendix B, with SHA-1 and eight digits.
    @Test(arguments: [
        (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
    ])
    func `codes are those of the RFC's test vectors`(_ seconds: Int64, _ code: String) {
        let key = Array("12345678901234567890".utf8)
        #expect(OneTimeCodes.code(of: seconds / 30, key: key, digits: 8) == code)
        #expect(OneTimeCodes.code(of: seconds / 30, key: key) == code.suffix(6))
        // The same key in base32.
        let now = Instant(milliseconds: seconds * 1_000)
        #expect(
            OneTimeCodes.step(of: String(code.suffix(6)), by: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at: now) == seconds
                / 30)
    }

    @Test func `a code is accepted one step early and one late`() throws {
        let secret = OneTimeCodes.makeSecret()
        let now = Instant(milliseconds: 1_795_341_600_000)
        let code = try #require(OneTimeCodes.code(by: secret, at: now))
        let step = now.milliseconds / 30_000
        for (shift, isRight) in [(-60, false), (-30, true), (0, true), (29, true), (59, true), (60, false)] {
            let found = OneTimeCodes.step(of: code, by: secret, at: now + .seconds(shift))
            // Codes of two steps can be equal by chance, once in a million.
            #expect((found == step) == isRight, "\(shift)")
        }
    }

    @Test func `the code of a step is no code of its neighbours`() {
        let key = Array("12345678901234567890".utf8)
        for step in Int64(59_844_720)..<59_845_720 {
            let found = OneTimeCodes.step(
                of: OneTimeCodes.code(of: step, key: key), by: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
                at: Instant(milliseconds: step * 30_000))
            #expect(found == step)
        }
    }

    @Test(arguments: ["", "12345", "1234567", "abcdef", "12345\u{301}"]) func `another text is no code`(_ text: String)
    {
        let now = Instant(milliseconds: 1_795_341_600_000)
        #expect(OneTimeCodes.step(of: text, by: OneTimeCodes.makeSecret(), at: now) == nil)
    }

    @Test func `a code may be typed with a space`() throws {
        let secret = OneTimeCodes.makeSecret()
        let now = Instant(milliseconds: 1_795_341_600_000)
        let code = try #require(OneTimeCodes.code(by: secret, at: now))
        #expect(OneTimeCodes.step(of: "\(code.prefix(3)) \(code.suffix(3))", by: secret, at: now) != nil)
    }

    @Test func `secrets have 160 bits and differ`() {
        let secrets = (1...20).map { _ in OneTimeCodes.makeSecret() }
        #expect(secrets.allSatisfy { $0.count == 32 })
        #expect(Set(secrets).count == secrets.count)
    }

    @Test func `the address for the app names the service, the operator and the secret`() {
        #expect(
            OneTimeCodes.address(of: "ABC", for: OperatorName("ada")!)
                == "otpauth://totp/Paypage:ada?secret=ABC&issuer=Paypage")
    }
}
