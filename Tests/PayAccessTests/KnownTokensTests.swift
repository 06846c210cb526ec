import PayCore
import Testing

@testable import PayAccess

@Suite struct KnownTokensTests {
    private static let names = (0..<1_000).map { KnownTokens.Name(of: "token \($0)") }
    private static let good = KnownTokens.Good(user: UserID("user_1")!, expiresAt: 1, notBefore: nil)

    @Test func `the cache of user tokens holds as many as its capacity`() {
        let known = KnownTokens(most: 1_000)
        for name in Self.names { known.remember(Self.good, as: name) }
        #expect(Self.names.allSatisfy { known[$0] != nil })
    }

    @Test func `a cached user token proves its own user`() throws {
        let known = KnownTokens(most: 1_000)
        for (place, name) in Self.names.enumerated() {
            let user = try #require(UserID("user_\(place)"))
            known.remember(KnownTokens.Good(user: user, expiresAt: 1, notBefore: nil), as: name)
        }
        for (place, name) in Self.names.enumerated() { #expect(known[name]?.user.text == "user_\(place)") }
    }

    @Test func `the cache of user tokens evicts unused tokens, and keeps its capacity`() {
        let known = KnownTokens(most: 10)
        for name in Self.names {
            known.remember(Self.good, as: name)
            #expect(known[Self.names[0]] != nil)
        }
        #expect((2...10).contains(Self.names.count { known[$0] != nil }))
        #expect(known[Self.names[999]] != nil)
    }

    @Test func `a user token that is cached twice takes one place`() {
        let known = KnownTokens(most: 2)
        known.remember(Self.good, as: Self.names[0])
        for _ in 0..<10 { known.remember(Self.good, as: Self.names[1]) }
        #expect(known[Self.names[0]] != nil)
    }
}
