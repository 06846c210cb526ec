import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CrossOriginTests {
    private static let shop = "https://shop.example"
    private let setup = TestSetup(corsOrigins: [shop])

    @Test func `a configured origin gets an answer to its CORS preflight`() async throws {
        try await withService(setup) { service in
            let answer = try await RawConnection.send(
                port: service.port,
                [
                    "OPTIONS /v1/payments/\(Sample.number)/repay HTTP/1.1", "Origin: \(Self.shop)",
                    "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization",
                ])
            #expect(answer.status == 204)
            #expect(answer.header("Access-Control-Allow-Origin") == Self.shop)
            #expect(answer.header("Access-Control-Allow-Methods") == "GET, POST")
            #expect(answer.header("Access-Control-Allow-Headers")?.contains("Idempotency-Key") == true)
            #expect(answer.header("Access-Control-Allow-Credentials") == nil)
            #expect(answer.header("Vary") == "Origin")
        }
    }

    @Test func `scripts of a configured origin can read responses, errors and their headers`() async throws {
        try await withService(setup) { service in
            _ = try await service.client.pay()
            for (who, status) in [(Client.Who.merchant, 200), (.nobody, 401)] {
                let answer = try await service.client.get(
                    "/v1/payments/\(Sample.number)/page", as: who, headers: ["Origin": Self.shop])
                #expect(answer.status == status)
                #expect(answer.header("Access-Control-Allow-Origin") == Self.shop)
                #expect(answer.header("Access-Control-Expose-Headers")?.contains("Cache-Status") == true)
                #expect(answer.header("Vary")?.contains("Origin") == true)
            }
        }
    }

    @Test(arguments: [
        "https://evil.example", "https://shop.example.evil.example", "https://shop.example:444", "http://shop.example",
        "null", "https://SHOP.example",
    ])
    func `any other origin gets no CORS headers`(origin: String) async throws {
        try await withService(setup) { service in
            _ = try await service.client.pay()
            let answer = try await service.client.get("/v1/payments/\(Sample.number)", headers: ["Origin": origin])
            #expect(answer.status == 200)
            #expect(answer.header("Access-Control-Allow-Origin") == nil)
            #expect(answer.header("Vary")?.contains("Origin") == true)
            let preflight = try await RawConnection.send(
                port: service.port,
                [
                    "OPTIONS /v1/payments HTTP/1.1", "Origin: \(origin)", "Access-Control-Request-Method: POST",
                ])
            expectProblem(preflight, 405, "METHOD_NOT_ALLOWED")
        }
    }

    @Test func `without configured origins there is no CORS, and paths outside the API never have it`() async throws {
        try await withService { service in
            let answer = try await service.client.get("/v1/payments", headers: ["Origin": Self.shop])
            #expect(answer.header("Access-Control-Allow-Origin") == nil)
        }
        try await withService(setup) { service in
            for path in ["/metrics", "/checkout/x/payment"] {
                let answer = try await service.client.get(path, headers: ["Origin": Self.shop])
                #expect(answer.header("Access-Control-Allow-Origin") == nil)
            }
        }
    }
}
