import PayCore
import PayFlow
import PayProviders
import ServiceTestSupport
import Testing

/// The callers, keys and bodies of refund requests.
@Suite(.timeLimit(.minutes(5))) struct RefundRequestTests {
    @Test func `a repeated call with its key has the first status and tells the refund's state`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let first = try await service.client.refund(["amount": 100])
            #expect(first.status == 201)
            #expect(first.header("Idempotent-Replayed") == nil)
            try await service.submitRefundsUntilDone()
            let again = try await service.client.refund(["amount": 100])
            #expect(again.status == 201)
            #expect(again.header("Idempotent-Replayed") == "true")
            #expect(again.json["refund_no"] == first.json["refund_no"])
            #expect(again.json["state"] == "succeeded")
            #expect(try await service.client.refunds().count == 1)
            // A key of a known refund_no has that call's status.
            _ = try await service.client.refund(["refund_no": "R1", "amount": 100], key: "a")
            #expect(try await service.client.refund(["refund_no": "R1"], key: "b").status == 200)
            let known = try await service.client.refund(["refund_no": "R1"], key: "b")
            #expect(known.status == 200)
            #expect(known.header("Idempotent-Replayed") == "true")
        }
    }

    @Test(
        arguments: [
            ["amount": 101], [:], ["amount": 100, "reason": "a tear"], ["amount": 100, "refund_no": "R1"],
            ["amount": 100, "refundable": 9_800],
        ] as [JSONValue])
    func `a key of one refund is refused for another`(other: JSONValue) async throws {
        try await withService { service in
            try await service.makePaidOrder()
            _ = try await service.client.refund(["amount": 100])
            expectProblem(try await service.client.refund(other), 422, "IDEMPOTENCY_KEY_REUSED")
            #expect(try await service.client.refunds().count == 1)
        }
    }

    @Test func `keys of refunds, of pay calls and of other orders are apart`() async throws {
        try await withService { service in
            _ = try await service.client.pay(key: "the-same")
            try await service.payAndSettle()
            #expect(try await service.client.refund(["amount": 100], key: "the-same").status == 201)
            let another = "20261122_0002"
            _ = try await service.client.pay(Sample.body(another), key: "another")
            try await service.payInSandbox("\(another)_1")
            await service.observer.wait(for: .notice(Channel("sandbox")!, .settled), 2)
            #expect(try await service.client.refund(["amount": 100], key: "the-same", of: another).status == 201)
        }
    }

    @Test func `a key is one refund across two processes on one database`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            try await withService(on: service.databasePath) { other in
                let answers = try await concurrently(8) { index in
                    try await (index % 2 == 0 ? service : other).client.refund(["amount": 100])
                }
                #expect(answers.map(\.status) == Array(repeating: 201, count: 8))
                #expect(answers.count { $0.header("Idempotent-Replayed") == nil } == 1)
                #expect(Set(answers.map { $0.json["refund_no"].string }).count == 1)
            }
            #expect(try await service.client.refunds().count == 1)
        }
    }

    @Test func `a refund without an idempotency key is refused`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            expectProblem(try await service.client.refund(key: nil), 400, "IDEMPOTENCY_KEY_MISSING")
            expectProblem(
                try await service.client.refund(key: "two words"), 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(try await service.client.refunds() == [])
        }
    }

    @Test func `every mistake of a refund is told at once`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let answer = try await service.client.refund([
                "refund_no": "no-dashes", "amount": 0, "reason": "", "refundable": -1, "currency": "CNY",
            ])
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(Set(pointers(answer)) == ["/refund_no", "/amount", "/reason", "/refundable", "/currency"])
            for amount in ["99.00", "9.9e3", "1e2", "\"100\"", "true"] {
                let refused = try await service.client.send(
                    .post, "/v1/payments/\(Sample.number)/refunds", "{\"amount\": \(amount)}",
                    headers: ["Idempotency-Key": "k"])
                expectProblem(refused, 400, "INVALID_REQUEST", fields: ["errors"])
                #expect(pointers(refused) == ["/amount"])
            }
            #expect(try await service.client.refunds() == [])
        }
    }

    @Test(arguments: ["20261122_0001_1_m1", "20261122_0001_1_r1", "20261122_0001_7_m9", "20261122_0001_1_m1_2"])
    func `a refund_no of the form that Paypage makes for the order is refused`(number: String) async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let answer = try await service.client.refund(["refund_no": .string(number)])
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(answer) == ["/refund_no"])
        }
    }

    @Test func `an empty body refunds nothing`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let path = "/v1/payments/\(Sample.number)/refunds"
            let none = try await service.client.send(.post, path, headers: ["Idempotency-Key": "k"])
            expectProblem(none, 415, "UNSUPPORTED_MEDIA_TYPE")
            let empty = try await service.client.send(.post, path, "", headers: ["Idempotency-Key": "k"])
            expectProblem(empty, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(try await service.client.refunds() == [])
        }
    }

    @Test func `only the merchant reads, requests and retries refunds`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let link = try await service.client.order().json["checkout_url"].string ?? ""
            try await service.payAndSettle()
            _ = try await service.client.refund(["refund_no": "R1"])
            let path = "/v1/payments/\(Sample.number)/refunds"
            for (who, status, code) in [
                (Client.Who.user("user_1"), 403, "FORBIDDEN"), (.user("user_2"), 403, "FORBIDDEN"),
                (.nobody, 401, "UNAUTHORIZED"),
            ] {
                expectProblem(try await service.client.refund(["amount": 1], key: "u", as: who), status, code)
                expectProblem(try await service.client.get(path, as: who), status, code)
                expectProblem(try await service.client.get("\(path)/R1", as: who), status, code)
                expectProblem(try await service.client.retry("R1", as: who), status, code)
            }
            let token = link.split(separator: "/").last ?? ""
            let byToken = try await service.client.send(
                .post, "/checkout/\(token)/refunds", "{}", as: .nobody, headers: ["Idempotency-Key": "t"])
            expectProblem(byToken, 404, "NOT_FOUND")
            #expect(try await service.client.refunds().count == 1)
        }
    }
}
