import PayCore
import PayFlow
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct RefundRouteTests {
    private static let known: Set = [
        "refund_no", "provider_refund_no", "trade_no", "transaction_id", "amount", "currency", "cause", "state",
        "created_at",
    ]

    @Test func `a refund without an amount returns all that is left`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let made = try await service.client.refund(["reason": "sold out"])
            expectJSON(made, 201, keys: Self.known.union(["reason"]))
            #expect(made.json["refund_no"] == "20261122_0001_1_m1")
            #expect(made.json["provider_refund_no"] == "20261122_0001_1_m1")
            #expect(made.json["amount"] == 9_900)
            #expect(made.json["currency"] == "CNY")
            #expect(made.json["cause"] == "merchant")
            #expect(made.json["state"] == "pending")
            #expect(made.json["reason"] == "sold out")
            #expect(made.json["created_at"] == "2026-11-22T10:00:00Z")
            let before = try await service.client.order().json
            #expect(before["refunded"] == 0)
            #expect(before["refundable"] == 0)

            try await service.submitRefundsUntilDone()
            let done = try await service.client.get("/v1/payments/\(Sample.number)/refunds/20261122_0001_1_m1")
            expectJSON(done, 200, keys: Self.known.union(["reason", "refunded_at"]))
            #expect(done.json["state"] == "succeeded")
            let after = try await service.client.order().json
            #expect(after["state"] == "paid")
            #expect(after["refunded"] == 9_900)
            #expect(after["refundable"] == 0)
            #expect(try await service.refundsInSandbox() == ["20261122_0001_1_m1 9900"])
            #expect(try await service.trade()["state"] == "refunded")
        }
    }

    @Test func `parts of a payment are refunded until nothing is left`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let first = try await service.client.refund(["refund_no": "R1", "amount": 6_000], key: "a")
            #expect(first.status == 201)
            #expect(first.json["refund_no"] == "R1")
            #expect(first.json["provider_refund_no"] == "20261122_0001_1_m1")
            #expect(try await service.client.order().json["refundable"] == 3_900)
            try await service.submitRefundsUntilDone()
            #expect(try await service.client.order().json["refunded"] == 6_000)
            #expect(try await service.trade()["state"] == "paid")

            let rest = try await service.client.refund(["refund_no": "R2"], key: "b")
            #expect(rest.json["amount"] == 3_900)
            try await service.submitRefundsUntilDone()
            #expect(try await service.client.order().json["refunded"] == 9_900)
            #expect(
                try await service.refundsInSandbox() == ["20261122_0001_1_m1 6000", "20261122_0001_1_m2 3900"])
            #expect(try await service.client.refunds().map { $0["refund_no"] } == ["R1", "R2"])
            let nothing = try await service.client.refund([:], key: "c")
            expectProblem(nothing, 409, "REFUND_TOO_MUCH", fields: ["refundable"])
            #expect(nothing.json["refundable"] == 0)
        }
    }

    @Test func `of two concurrent refunds that exceed the payment together, one is refused`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let answers = try await concurrently(2) { index in
                try await service.client.refund(["amount": 6_000], key: "k\(index)")
            }
            #expect(answers.map(\.status).sorted() == [201, 409])
            let refused = try #require(answers.first { $0.status == 409 })
            expectProblem(refused, 409, "REFUND_TOO_MUCH", fields: ["refundable"])
            #expect(refused.json["refundable"] == 3_900)
            #expect(refused.json["detail"].string?.contains("3900") == true)
            try await service.submitRefundsUntilDone()
            #expect(try await service.trade()["refunded"] == 6_000)
        }
    }

    @Test func `a known refund_no with the same values is the same refund`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let wish: JSONValue = ["refund_no": "R1", "amount": 100, "reason": "a tear"]
            #expect(try await service.client.refund(wish, key: "a").status == 201)
            try await service.submitRefundsUntilDone()
            let again = try await service.client.refund(wish, key: "b")
            #expect(again.status == 200)
            #expect(again.header("Idempotent-Replayed") == nil)
            #expect(again.json["state"] == "succeeded")
            // A missing field means the same as before.
            #expect(try await service.client.refund(["refund_no": "R1"], key: "c").status == 200)
            #expect(try await service.client.refunds().count == 1)
        }
    }

    @Test(arguments: [["refund_no": "R1", "amount": 101], ["refund_no": "R1", "reason": "another"]] as [JSONValue])
    func `a known refund_no with other values is refused`(wish: JSONValue) async throws {
        try await withService { service in
            try await service.makePaidOrder()
            _ = try await service.client.refund(["refund_no": "R1", "amount": 100, "reason": "a tear"], key: "a")
            expectProblem(try await service.client.refund(wish, key: "b"), 409, "REFUND_MISMATCH")
            #expect(try await service.client.refunds().count == 1)
        }
    }

    @Test func `a refund whose refundable is not what is left is refused`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            _ = try await service.client.refund(["amount": 100, "refundable": 9_900], key: "a")
            let refused = try await service.client.refund(["amount": 100, "refundable": 9_900], key: "b")
            expectProblem(refused, 412, "REFUND_AMOUNT_CHANGED", fields: ["refundable"])
            #expect(refused.json["refundable"] == 9_800)
            #expect(try await service.client.refunds().count == 1)
            // The key was not used up.
            #expect(try await service.client.refund(["amount": 100, "refundable": 9_800], key: "b").status == 201)
        }
    }

    @Test func `a failed refund counts no more, and the money can be refunded anew`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            try await service.setFault("refund", "refused")
            _ = try await service.client.refund([:], key: "a")
            try await service.submitRefunds()
            let order = try await service.client.order().json
            #expect(order["refunds"][0]["state"] == "failed")
            #expect(order["refunds"][0]["provider_code"] == "REFUSED")
            #expect(order["refundable"] == 9_900)
            let anew = try await service.client.refund([:], key: "b")
            #expect(anew.status == 201)
            #expect(anew.json["refund_no"] == "20261122_0001_1_m2")
            expectProblem(
                try await service.client.retry("20261122_0001_1_m1"), 409, "REFUND_TOO_MUCH", fields: ["refundable"])
            try await service.submitRefundsUntilDone()
            #expect(try await service.refundsInSandbox() == ["20261122_0001_1_m2 9900"])
        }
    }

    @Test func `an order that nothing paid has nothing to refund`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let new = try await service.client.refund()
            expectProblem(new, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            #expect(new.json["state"] == "new")
            #expect(try await service.client.order().json["refundable"] == 0)
            _ = try await service.client.close()
            // Late money goes back by itself.
            #expect(try await service.send(service.notice()).status == 200)
            let closed = try await service.client.refund()
            expectProblem(closed, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            #expect(closed.json["state"] == "closed")
        }
    }

    @Test func `a refund of an order that was paid by a missing channel is refused`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            try await withService(TestSetup(channels: ["sandbox2"]), on: service.databasePath) { other in
                expectProblem(try await other.client.refund(), 422, "PAY_CHANNEL_UNAVAILABLE")
            }
            #expect(try await service.client.refunds() == [])
        }
    }

    @Test func `an unknown order and an unknown refund get a 404`() async throws {
        try await withService { service in
            let one = "/v1/payments/\(Sample.number)/refunds"
            for number in [Sample.number, "x", "%FF"] {
                expectProblem(try await service.client.refund(of: number), 404, "PAY_ORDER_NOT_EXIST")
                expectProblem(
                    try await service.client.get("/v1/payments/\(number)/refunds"), 404, "PAY_ORDER_NOT_EXIST")
            }
            expectProblem(try await service.client.get("\(one)/R1"), 404, "PAY_ORDER_NOT_EXIST")
            expectProblem(try await service.client.retry("R1"), 404, "PAY_ORDER_NOT_EXIST")
            try await service.makePaidOrder()
            #expect(try await service.client.get(one).json == ["refunds": []])
            _ = try await service.client.refund(["refund_no": "R1"])
            for number in ["R2", "r1", "20261122_0001_1_m2", "%ZZ", "%FF"] {
                expectProblem(try await service.client.get("\(one)/\(number)"), 404, "REFUND_NOT_EXIST")
                expectProblem(try await service.client.retry(number), 404, "REFUND_NOT_EXIST")
            }
            for number in ["R1", "%52%31", "20261122_0001_1_m1"] {
                #expect(try await service.client.get("\(one)/\(number)").json["refund_no"] == "R1")
            }
        }
    }

    @Test func `a failed refund is retried under its number, and no other is`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            try await service.setFault("refund", "refused")
            _ = try await service.client.refund(["refund_no": "R1", "amount": 100])
            let waiting = try await service.client.retry("R1")
            expectProblem(waiting, 409, "REFUND_STATE_ERROR")
            #expect(waiting.json["detail"].string?.contains("pending") == true)
            try await service.submitRefunds()
            let queued = try await service.client.retry("R1")
            #expect(queued.status == 200)
            #expect(queued.json["state"] == "pending")
            try await service.submitRefundsUntilDone()
            #expect(try await service.refundsInSandbox() == ["20261122_0001_1_m1 100"])
            expectProblem(try await service.client.retry("R1"), 409, "REFUND_STATE_ERROR")
        }
    }

    @Test func `a duplicate payment's refund and the merchant's refund do not touch each other`() async throws {
        try await withService(.twoChannels()) { service in
            let second = "\(Sample.number)_2"
            _ = try await service.client.pay()
            try await service.setFault("close", "close_too_early")
            #expect(try await service.client.goTo("sandbox2").status == 200)
            try await service.pay(second, on: "sandbox2")
            try await service.pay(Sample.trade, on: "sandbox")
            #expect(try await service.client.order().json["refundable"] == 9_900)
            #expect(try await service.client.refund(["amount": 6_000]).json["refund_no"] == .string("\(second)_m1"))
            try await service.submitRefundsUntilDone()
            #expect(try await service.refundsInSandbox() == ["\(Sample.trade)_r1 9900"])
            #expect(try await service.refundsInSandbox(second) == ["\(second)_m1 6000"])
            let order = try await service.client.order().json
            #expect(order["refunded"] == 6_000)
            #expect(order["refundable"] == 3_900)
            #expect(order["refunds"].items.map { $0["cause"] } == ["duplicate", "merchant"])
        }
    }

    @Test func `the buyer is told what was given back and why, and not what is left`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let before = try await service.client.order(as: .user("user_1")).json
            #expect(before["given_back"] == .null)
            _ = try await service.client.refund(["amount": 6_000, "reason": "a tear"])
            let order = try await service.client.order(as: .user("user_1")).json
            #expect(
                order["given_back"] == [
                    [
                        "channel": "sandbox", "amount": 6_000, "currency": "CNY", "cause": "merchant",
                        "state": "pending",
                    ]
                ])
            #expect(order["refunded"] == 0)
            #expect(order["refundable"] == .null)
            #expect(order["refunds"] == .null)
            #expect(order["revision"] != before["revision"])
            try await service.submitRefundsUntilDone()
            let after = try await service.client.order(as: .user("user_1")).json
            #expect(after["refunded"] == 6_000)
            #expect(after["revision"] != order["revision"])
        }
    }
}
