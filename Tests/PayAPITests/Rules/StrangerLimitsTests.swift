import Foundation
import PayAccess
import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// Work that costs CPU and needs no API key is cached if possible, and limited per address otherwise.
@Suite(.timeLimit(.minutes(5))) struct StrangerLimitsTests {
    private static func qr() -> TestSetup { TestSetup(pcKind: .qr, trustedProxies: ["127.0.0.1"]) }

    private func statuses(_ count: Int, _ ask: (Int) async throws -> Answer) async throws -> [Int: Int] {
        var found: [Int: Int] = [:]
        for index in 0..<count { found[try await ask(index).status, default: 0] += 1 }
        return found
    }

    @Test func `a checkout page that is reloaded within a second is rendered once`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let shopper = service.shopper()
            let first = try await shopper.look()
            #expect(first.state == "ready")
            #expect(try await statuses(400) { _ in try await shopper.look("?utm_source=\(UUID())") } == [200: 400])
            #expect(try await shopper.look().text == first.text)
        }
    }

    @Test func `distinct checkout pages are rate-limited per address`() async throws {
        try await withService(Self.qr()) { service in
            _ = try await service.client.pay()
            let link = service.shopper().link
            func look(_ index: Int, from address: String = "203.0.113.7", accept: String = "*/*") async throws -> Answer
            {
                try await service.client.get(
                    "\(link)?openid=o\(index)", as: .nobody,
                    headers: ["X-Forwarded-For": address, "Accept": accept])
            }
            #expect(try await statuses(201) { try await look($0) } == [200: 200, 429: 1])
            expectProblem(try await look(1_000), 429, "RATE_LIMITED", retryAfter: "1")
            let inBrowser = try await look(1_000, accept: "text/html,*/*;q=0.8")
            #expect(inBrowser.status == 429 && inBrowser.header("Retry-After") == "1")
            #expect(inBrowser.header("Content-Type") == "text/html; charset=utf-8")
            #expect(inBrowser.state == "broken")
            #expect(try await look(1_000, from: "203.0.113.8").status == 200)
            // A cached page is free.
            #expect(try await look(7).status == 200)
            service.clock.advance(by: .milliseconds(40))
            #expect(try await look(1_001).status == 200)
            #expect(try await look(1_002).status == 200)
            #expect(try await look(1_003).status == 429)
        }
    }

    @Test func `an unknown checkout link is not limited, and its page ignores the query`() async throws {
        try await withService { service in
            let first = try await service.client.get("/checkout/c1.x.y.z", as: .nobody)
            #expect(first.status == 404 && first.state == "nolink")
            for index in 0..<300 {
                let answer = try await service.client.get("/checkout/c1.x.y.z\(index)?openid=o\(index)", as: .nobody)
                #expect(answer.status == 404 && answer.text == first.text)
            }
        }
    }

    @Test func `a QR picture is drawn once, and distinct pictures are rate-limited per address`() async throws {
        try await withService(Self.qr()) { service in
            var links: [String] = []
            for index in 1...5 {
                _ = try await service.client.pay(Sample.body("order_\(index)"), key: "key-\(index)")
                links.append(service.shopper("order_\(index)").link)
            }
            func picture(_ size: Int, of link: String, from address: String = "203.0.113.7") async throws -> Answer {
                try await service.client.get(
                    "\(link)/page?size=\(size)", as: .nobody,
                    headers: ["Accept": "image/png", "X-Forwarded-For": address])
            }
            #expect(try await statuses(150) { _ in try await picture(8, of: links[0]) } == [200: 150])
            let different = try await statuses(100) { try await picture($0 % 20 + 9, of: links[$0 / 20]) }
            #expect(different == [200: 99, 429: 1])
            expectProblem(try await picture(7, of: links[0]), 429, "RATE_LIMITED", retryAfter: "1")
            #expect(try await picture(8, of: links[0]).status == 200)
            #expect(try await picture(7, of: links[0], from: "203.0.113.8").status == 200)
            #expect(try await picture(7, of: links[0]).status == 200)
            let merchants = try await statuses(150) { index in
                try await service.client.get(
                    "/v1/payments/order_\(index / 30 + 1)/page?size=\(index % 30 + 1)",
                    headers: ["Accept": "image/svg+xml"])
            }
            #expect(merchants == [200: 150])
        }
    }

    @Test func `tokens refused by a public key are rate-limited per address before the verification`()
        async throws
    {
        let issuer = IssuerKeys()
        var setup = TestSetup(trustedProxies: ["127.0.0.1"])
        setup.keySet = issuer.keySet
        try await withService(setup) { service in
            _ = try await service.client.pay()
            let expiry = service.clock.now().milliseconds / 1_000 + 60
            func token(_ alg: String, _ index: Int, by sign: ([UInt8]) throws -> [UInt8]) throws -> String {
                try signedToken(
                    header: #"{"alg":"\#(alg)"}"#, payload: #"{"sub":"user_1","exp":\#(expiry),"n":\#(index)}"#,
                    by: sign)
            }
            func ask(_ token: String, from address: String = "203.0.113.7") async throws -> Answer {
                try await service.client.get(
                    "/v1/payments/\(Sample.number)", as: .header("Bearer \(token)"),
                    headers: ["X-Forwarded-For": address])
            }
            let known = try token("ES256", 0, by: issuer.es256)
            #expect(try await ask(known).status == 200)
            let refused = try await statuses(61) { index in
                try await ask(try token("ES256", index) { _ in Array(repeating: 1, count: 64) })
            }
            #expect(refused == [401: 60, 429: 1])
            let fresh = try token("ES256", 1, by: issuer.es256)
            expectProblem(try await ask(fresh), 429, "RATE_LIMITED", retryAfter: "1")
            #expect(try await ask(fresh, from: "203.0.113.8").status == 200)
            #expect(try await ask(known).status == 200)
            // Cheap checks are not limited: another algorithm, a shared secret, no token at all.
            #expect(try await ask(try token("HS256", 1) { _ in [1] }).status == 401)
            #expect(try await ask(try token("ES384", 1) { _ in [1] }).status == 401)
            #expect(try await ask("nonsense").status == 401)
            service.clock.advance(by: .milliseconds(50))
            #expect(try await ask(try token("ES256", 2, by: issuer.es256)).status == 200)
        }
    }

    @Test func `an expired user token is verified once`() async throws {
        let issuer = IssuerKeys()
        let tokens = try await UserTokens(secret: nil, keySet: issuer.keySet)
        let now = Instant(milliseconds: 1_795_341_600_000)
        let token = try signedToken(
            header: #"{"alg":"ES256"}"#, payload: #"{"sub":"u1","exp":1795341600}"#, by: issuer.es256)
        guard case .needsPublicKey = tokens.judge(token, at: now, mayUsePublicKeys: false) else {
            return #expect(Bool(false), "judged without its key")
        }
        #expect(tokens.user(in: token, at: now) == nil)
        guard case .refused = tokens.judge(token, at: now, mayUsePublicKeys: false) else {
            return #expect(Bool(false), "checked again")
        }
        #expect(tokens.user(in: token, at: now - .milliseconds(1)) == UserID("u1"))
    }
}
