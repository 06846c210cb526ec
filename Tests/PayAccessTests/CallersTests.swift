import PayCore
import ServiceTestSupport
import Testing

@testable import PayAccess

@Suite struct CallersTests {
    private let secret = "a shared secret of forty characters long"
    private let now = Instant(milliseconds: 1_795_341_600_000)
    private let jwtLike = "eyJh.eyJz.c2ln"
    private let checkouts = CheckoutTokens(secret: Secret("a token secret of more than 32 bytes"))

    private var userToken: String {
        signedToken(header: #"{"alg":"HS256"}"#, payload: #"{"sub":"u1","exp":1795341601}"#, by: hs256(secret))
    }

    private func callers() async throws -> Callers {
        Callers(
            merchants: MerchantKeys([MerchantKey(Secret("merchant-key")), MerchantKey(Secret(jwtLike))]),
            users: try await UserTokens(secret: Secret(secret), keySet: nil),
            checkouts: checkouts
        )
    }

    @Test(arguments: ["Bearer", "bearer", "BEARER", "bEaReR"], [" ", "   "])
    func `an API key proves the merchant, whatever the case of Bearer`(scheme: String, space: String) async throws {
        #expect(try await callers().caller(authorization: scheme + space + "merchant-key", at: now) == .merchant)
    }

    @Test func `an API key that looks like a token still proves the merchant`() async throws {
        #expect(try await callers().caller(authorization: "Bearer \(jwtLike)", at: now) == .merchant)
    }

    @Test func `a user token proves its user until it expires`() async throws {
        let callers = try await callers()
        let user = try #require(UserID("u1"))
        #expect(callers.caller(authorization: "Bearer \(userToken)", at: now) == .user(user))
        #expect(callers.caller(authorization: "Bearer \(userToken)", at: now + .seconds(1)) == nil)
    }

    @Test func `a checkout token proves its order only in a path`() async throws {
        let callers = try await callers()
        let order = try #require(OrderNumber("order_1"))
        let token = checkouts.token(for: order, expiresAt: now + .seconds(1))
        #expect(callers.caller(checkoutToken: token, at: now) == .checkout(order))
        #expect(callers.caller(checkoutToken: token, at: now + .seconds(1)) == nil)
        #expect(callers.caller(authorization: "Bearer \(token)", at: now) == nil)
        #expect(callers.caller(checkoutToken: "merchant-key", at: now) == nil)
    }

    @Test(arguments: [
        nil, "", " ", "Bearer", "Bearer ", "merchant-key", "Basic merchant-key", "Bearermerchant-key",
        " Bearer merchant-key", "Bearer\tmerchant-key", "Bearer merchant-key ", "Bearer merchant-key x",
        "Bearer merchant-key\u{0}", "Bearer mérchant-key", "Bearer wrong-key", "Bearer ,merchant-key",
        "Bearer " + String(repeating: "k", count: 9_000),
        "Bearer" + String(repeating: " ", count: 9_000) + "merchant-key",
    ])
    func `any other Authorization header proves no caller`(header: String?) async throws {
        #expect(try await callers().caller(authorization: header, at: now) == nil)
    }
}
