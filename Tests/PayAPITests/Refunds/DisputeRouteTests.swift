import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DisputeRouteTests {
    /// Makes an order of 99.00 CNY, and a payment of 98.00 CNY for it.
    private func dispute(_ service: TestService, transaction: String = "sbx_1") async throws {
        _ = try await service.client.pay()
        #expect(try await service.send(service.notice(transaction: transaction, amount: 9_800)).status == 200)
        #expect(try await service.client.order().json["receipts"][0]["standing"] == "disputed")
    }

    private func standings(_ service: TestService) async throws -> [String?] {
        try await service.client.order().json["receipts"].items.map { $0["standing"].string }
    }

    @Test func `the list has each disputed payment with what its attempt expects`() async throws {
        try await withService { service in
            #expect(try await service.client.get("/v1/disputes").json == ["disputes": []])
            try await dispute(service)
            let answer = try await service.client.get("/v1/disputes?limit=1")
            #expect(answer.status == 200)
            #expect(
                answer.json["disputes"] == [
                    [
                        "out_trade_no": .string(Sample.number), "state": "new", "transaction_id": "sbx_1",
                        "trade_no": .string(Sample.trade), "channel": "sandbox", "amount": 9_800, "currency": "CNY",
                        "names_our_account": true, "is_returned": false,
                        "expected": ["channel": "sandbox", "amount": 9_900, "currency": "CNY"],
                        "paid_at": "2026-11-22T10:00:00Z", "recorded_at": "2026-11-22T10:00:00Z",
                    ]
                ])
            let wrong = try await service.client.get("/v1/disputes?limit=501&of=all")
            expectProblem(wrong, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(wrong) == ["/limit", "/of"])
        }
    }

    @Test func `accepted money pays a new order, once`() async throws {
        try await withService { service in
            try await dispute(service)
            let accepted = try await service.client.decide("accept")
            #expect(accepted.status == 200)
            #expect(accepted.json["state"] == "paid")
            #expect(accepted.json["receipts"][0]["standing"] == "honest")
            #expect(accepted.json["refundable"] == 9_800)
            for verdict in ["accept", "refund"] {
                let again = try await service.client.decide(verdict)
                expectProblem(again, 409, "DISPUTE_DECIDED", fields: ["standing"])
                #expect(again.json["standing"] == "honest")
            }
            #expect(try await service.client.order().json["refunds"] == [])
            #expect(try await service.client.get("/v1/disputes").json == ["disputes": []])
        }
    }

    @Test func `accepted money of a paid order is a duplicate and goes back`() async throws {
        try await withService { service in
            try await dispute(service)
            #expect(try await service.send(service.notice(transaction: "sbx_2")).status == 200)
            #expect(try await standings(service) == ["disputed", "honest"])
            let accepted = try await service.client.decide("accept")
            #expect(accepted.status == 200)
            #expect(accepted.json["receipts"].items.map { $0["standing"] } == ["duplicate", "honest"])
            #expect(accepted.json["refunds"].items.map { $0["amount"] } == [9_800])
            #expect(accepted.json["refunds"][0]["cause"] == "duplicate")
            #expect(accepted.json["refundable"] == 9_900)
        }
    }

    @Test func `refunded money goes back in full, and never pays the order`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            try await service.payInSandbox()
            await service.observer.wait(for: .notice(Channel("sandbox")!, .settled))
            #expect(try await service.send(service.notice(transaction: "sbx_odd", currency: "USD")).status == 200)
            let refunded = try await service.client.decide("refund", "sbx_odd", ["reason": "not ours", "by": "Ann"])
            #expect(refunded.status == 200)
            #expect(refunded.json["state"] == "paid")
            #expect(refunded.json["receipts"].items.map { $0["standing"] } == ["honest", "rejected"])
            #expect(refunded.json["refunds"][0]["cause"] == "dispute")
            #expect(refunded.json["refunds"][0]["currency"] == "USD")
            let again = try await service.client.decide("refund", "sbx_odd")
            expectProblem(again, 409, "DISPUTE_DECIDED", fields: ["standing"])
            #expect(again.json["standing"] == "rejected")
            // The provider repeats the payment with particulars that fit.
            #expect(
                try await service.send(service.notice(id: "again", transaction: "sbx_odd")).text == "success")
            #expect(try await standings(service) == ["honest", "rejected"])
            #expect(try await service.client.refunds().count == 1)
        }
    }

    @Test func `of concurrent decisions about one payment, one counts`() async throws {
        try await withService { service in
            try await dispute(service)
            let answers = try await concurrently(8) { index in
                try await service.client.decide(index % 2 == 0 ? "accept" : "refund")
            }
            #expect(answers.count { $0.status == 200 } == 1)
            #expect(answers.count { $0.code == "DISPUTE_DECIDED" } == 7)
            let order = try await service.client.order().json
            #expect((order["state"] == "paid") == (order["refunds"] == []))
        }
    }

    @Test func `a payment that fits after all is judged again by itself, and needs no decision`() async throws {
        try await withService { service in
            try await dispute(service)
            #expect(try await service.send(service.notice(id: "again", transaction: "sbx_1")).text == "success")
            #expect(try await service.client.order().json["state"] == "paid")
            #expect(try await standings(service) == ["honest"])
            expectProblem(try await service.client.decide("refund"), 409, "DISPUTE_DECIDED", fields: ["standing"])
        }
    }

    @Test func `an amount that cannot be refunded is refused and stays disputed`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            #expect(try await service.send(service.notice(amount: 0)).status == 200)
            expectProblem(try await service.client.decide("refund"), 409, "DISPUTE_NOT_REFUNDABLE")
            #expect(try await standings(service) == ["disputed"])
        }
    }

    @Test func `who decided and why is in the order's history`() async throws {
        try await withService { service in
            try await dispute(service)
            _ = try await service.client.decide("accept", "sbx_1", ["reason": "the bank rounded", "by": "Ann Lee"])
            let notes = try await service.database.history(of: OrderNumber(Sample.number)!).compactMap { entry in
                if case .noted(.ruled(let ruling, let payment, _)) = entry.what {
                    "\(ruling.verdict) \(payment) \(ruling.by.text): \(ruling.reason.text)"
                } else {
                    nil
                }
            }
            #expect(notes == ["accept sbx_1 Ann Lee: the bank rounded"])
        }
    }

    @Test func `a transaction id is percent-encoded in the path`() async throws {
        try await withService { service in
            try await dispute(service, transaction: "a/b?c%20 d")
            expectProblem(try await service.client.decide("accept", "a%2Fb"), 404, "DISPUTE_NOT_EXIST")
            expectProblem(try await service.client.decide("accept", "%FF"), 404, "DISPUTE_NOT_EXIST")
            #expect(try await service.client.decide("accept", "a%2Fb%3Fc%2520%20d").json["state"] == "paid")
        }
    }

    @Test func `each mistake and each stranger is refused`() async throws {
        try await withService { service in
            expectProblem(try await service.client.decide("accept"), 404, "PAY_ORDER_NOT_EXIST")
            try await dispute(service)
            let wrong = try await service.client.decide("accept", "sbx_1", ["by": "", "why": "so"])
            expectProblem(wrong, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(Set(pointers(wrong)) == ["/by", "/reason", "/why"])
            for verdict in ["accept", "refund"] {
                expectProblem(
                    try await service.client.decide(verdict, as: .user("user_1")), 403, "FORBIDDEN")
                expectProblem(try await service.client.decide(verdict, as: .nobody), 401, "UNAUTHORIZED")
            }
            expectProblem(try await service.client.get("/v1/disputes", as: .user("user_1")), 403, "FORBIDDEN")
            #expect(try await standings(service) == ["disputed"])
        }
    }
}
