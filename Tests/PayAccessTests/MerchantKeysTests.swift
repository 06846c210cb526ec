import PayCore
import Testing

@testable import PayAccess

@Suite struct MerchantKeysTests {
    private static let now = Instant(milliseconds: 1_795_341_600_000)
    private let keys = MerchantKeys([
        MerchantKey(Secret("first-key"), name: PersonName("shop")!),
        MerchantKey(Secret("second-key")),
        MerchantKey(Secret("old-key"), name: PersonName("old")!, endsAt: now),
        MerchantKey(Secret("")),
    ])

    private func verdict(_ candidate: String, at now: Instant = now) -> MerchantKeys.Verdict {
        keys.verdict(on: candidate, at: now)
    }

    @Test func `every configured API key is accepted under its name, or under its fingerprint`() {
        #expect(verdict("first-key") == .accepted(PersonName("shop")!))
        // printf second-key | sha256sum
        #expect(verdict("second-key") == .accepted(PersonName("key-f397f260")!))
    }

    @Test func `an API key is accepted up to, not at, its end`() {
        let name = PersonName("old")!
        #expect(verdict("old-key", at: Self.now - .milliseconds(1)) == .accepted(name))
        #expect(verdict("old-key") == .ended(name))
        #expect(verdict("old-key", at: Self.now + .seconds(1)) == .ended(name))
    }

    @Test(arguments: ["", "first-ke", "first-key ", "First-key", "first-keysecond-key", "first-key,second-key", "\0"])
    func `a text that is not exactly an API key is refused`(candidate: String) {
        #expect(verdict(candidate) == .unknown)
    }

    @Test func `without configured API keys, no key is accepted`() {
        let none = MerchantKeys([])
        #expect(none.verdict(on: "first-key", at: Self.now) == .unknown)
        #expect(none.verdict(on: "", at: Self.now) == .unknown)
    }

    @Test func `API keys are kept only as hashes`() {
        var printed = ""
        dump(keys, to: &printed)
        #expect(!printed.contains("first-key"))
    }
}
