import PayAccess
import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct StrangerTests {
    typealias Call = (method: ProviderRequest.Method, path: String, body: String?)

    /// Every call that requires authentication.
    private static func calls(on number: String) -> [Call] {
        [
            (.post, "/v1/payments", Sample.body(number).text), (.get, "/v1/payments", nil),
            (.post, "/v1/payments/\(number)/repay", "{}"), (.get, "/v1/payments/\(number)", nil),
            (.get, "/v1/payments/\(number)/page", nil), (.post, "/v1/payments/\(number)/close", nil),
            (.get, "/metrics", nil),
        ]
    }

    private func answer(
        _ service: TestService, _ call: Call, as who: Client.Who, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await service.client.send(
            call.method, call.path, call.body, as: who,
            headers: headers.merging(["Idempotency-Key": "k", "X-Request-Id": "fixed"]) { first, _ in first })
    }

    enum Stranger: CaseIterable {
        case noKey, wrongKey, keyInAnotherScheme, expiredToken, tokenOfAnotherSecret, algNone, algNoneInCapitals
        case algNoneUnsigned, tokenWithoutExpiry, checkoutToken, keyOfAnotherCase, keyWithMore, twoSpaces, garbage

        func header(_ service: TestService) -> String? {
            let now = service.clock.now()
            let soon = now.milliseconds / 1_000 + 60
            func none(_ algorithm: String, signature: [UInt8]) -> String {
                let payload = #"{"sub":"user_1","exp":\#(soon)}"#
                let token = signedToken(header: #"{"alg":"\#(algorithm)"}"#, payload: payload) { _ in signature }
                return "Bearer \(token)"
            }
            switch self {
            case .noKey: return nil
            case .wrongKey: return "Bearer the-merchants-third-key-0123456789"
            case .keyInAnotherScheme: return "Basic \(TestService.keys[0])"
            case .expiredToken: return "Bearer \(TestService.token("user_1", expiresAt: now))"
            case .tokenOfAnotherSecret:
                let secret = "a secret that the shop doesn't know, but long enough"
                return "Bearer \(TestService.token("user_1", expiresAt: now + .seconds(60), secret: secret))"
            case .algNone: return none("none", signature: [0])
            case .algNoneInCapitals: return none("None", signature: [0])
            case .algNoneUnsigned: return none("none", signature: [])
            case .tokenWithoutExpiry:
                let token = signedToken(
                    header: #"{"alg":"HS256"}"#, payload: #"{"sub":"user_1"}"#, by: hs256(TestService.userSecret))
                return "Bearer \(token)"
            case .checkoutToken:
                let order = OrderNumber(Sample.number)!
                return "Bearer \(service.checkouts.token(for: order, expiresAt: now + .seconds(60)))"
            case .keyOfAnotherCase: return "Bearer \(TestService.keys[0].uppercased())"
            case .keyWithMore: return "Bearer \(TestService.keys[0])0"
            case .twoSpaces: return "Bearer the key"
            case .garbage: return "Bearer \u{1F4A5}"
            }
        }
    }

    @Test(arguments: Stranger.allCases)
    func `an unauthorized caller can't tell whether an order exists`(stranger: Stranger) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let who = stranger.header(service).map { Client.Who.header($0) } ?? .nobody
            for (known, unknown) in zip(Self.calls(on: Sample.number), Self.calls(on: "20269999_none")) {
                let (one, other) = (
                    try await answer(service, known, as: who), try await answer(service, unknown, as: who)
                )
                expectProblem(one, 401, "UNAUTHORIZED")
                #expect(one.header("WWW-Authenticate") == "Bearer")
                #expect(one.json == other.json)
                // Nothing of the request is parsed before the authentication.
                let nonsense = (method: known.method, path: known.path, body: known.body.map { _ in "nonsense" })
                #expect(try await answer(service, nonsense, as: who).json == one.json)
            }
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `another user's order and an unknown order get the same response`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            for (known, unknown) in zip(Self.calls(on: Sample.number), Self.calls(on: "20269999_none")).dropFirst(2)
                .prefix(3)
            {
                let (one, other) = (
                    try await answer(service, known, as: .user("user_2")),
                    try await answer(service, unknown, as: .user("user_2"))
                )
                expectProblem(one, 404, "PAY_ORDER_NOT_EXIST")
                #expect(one.json == other.json)
                #expect(one.headers.filter { $0[0] != "date" } == other.headers.filter { $0[0] != "date" })
                #expect(try await answer(service, known, as: .user("user_1")).status == 200)
            }
        }
    }

    @Test(arguments: [nil, "paid", "closed", "expired page"])
    func `the state of another user's order is not revealed`(fate: String?) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            switch fate {
            case "paid": try await service.payAndSettle()
            case "closed": _ = try await service.client.close()
            case nil: break
            default: service.clock.advance(by: .seconds(300))
            }
            let repays: [JSONValue] = [
                [:], ["channel": "sandbox", "terminal": "pc"], ["channel": "alipay"], ["terminal": "jsapi"],
                ["fresh": true],
            ]
            for body in repays {
                let answer = try await service.client.repay(Sample.number, body, as: .user("user_2"))
                expectProblem(answer, 404, "PAY_ORDER_NOT_EXIST")
            }
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `merchant calls are forbidden to a user for any order`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            for number in [Sample.number, "20269999_none"] {
                let calls = Self.calls(on: number)
                for call in [calls[0], calls[1], calls[5], calls[6]] {
                    expectProblem(try await answer(service, call, as: .user("user_1")), 403, "FORBIDDEN")
                }
            }
        }
    }

    @Test func `a token in the query is ignored`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let token = TestService.token("user_1", expiresAt: service.clock.now() + .seconds(60))
            for name in ["token", "access_token", "authorization", "api_key"] {
                for secret in [token, TestService.keys[0]] {
                    let answer = try await service.client.get(
                        "/v1/payments/\(Sample.number)?\(name)=\(secret)", as: .nobody)
                    expectProblem(answer, 401, "UNAUTHORIZED")
                    #expect(!answer.text.contains(secret))
                }
            }
        }
    }

    @Test func `a request with two Authorization headers is refused`() async throws {
        try await withService { service in
            let key = "Authorization: Bearer \(TestService.keys[0])"
            let answer = try await RawConnection.send(port: service.port, ["GET /v1/payments HTTP/1.1", key, key])
            expectProblem(answer, 401, "UNAUTHORIZED")
        }
    }

    @Test func `a user can pay and read their own order until their token expires`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let token = TestService.token("user_1", expiresAt: service.clock.now() + .seconds(60))
            let who = Client.Who.header("Bearer \(token)")
            #expect(try await service.client.repay(as: who).status == 200)
            service.clock.advance(by: .milliseconds(59_999))
            #expect(try await service.client.repay(as: who).status == 200)
            service.clock.advance(by: .milliseconds(1))
            #expect(try await service.client.repay(as: who).status == 401)
        }
    }
}
