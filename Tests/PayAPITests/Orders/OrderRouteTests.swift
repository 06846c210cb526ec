import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct OrderRouteTests {
    private let userKeys: Set = [
        "out_trade_no", "state", "amount", "currency", "subject", "created_at", "expires_at", "expires_in", "page",
        "payable_in", "revision", "refunded",
    ]
    private var merchantKeys: Set<String> {
        userKeys.union(["user_id", "attempts", "receipts", "refunds", "checkout_url", "refundable"])
    }

    @Test func `the merchant gets every field of an order except the page's content`() async throws {
        try await withService { service in
            let paid = try await service.client.pay()
            service.clock.advance(by: .milliseconds(1_500))
            let order = try await service.client.order()
            #expect(order.json["checkout_url"] == paid.json["checkout_url"])
            expectJSON(order, 200, keys: merchantKeys)
            #expect(order.json["user_id"] == "user_1")
            #expect(order.json["state"] == "new")
            #expect(order.json["subject"] == "Tea for two")
            #expect(order.json["created_at"] == "2026-11-22T10:00:00Z")
            #expect(order.json["expires_in"] == 1_798)
            #expect(order.json["payable_in"] == 1_738)
            #expect(order.page.keys == ["channel", "terminal", "kind", "expires_at", "expires_in"])
            #expect(order.page["expires_in"] == 298)
            #expect(
                order.json["attempts"] == [
                    [
                        "trade_no": .string(Sample.trade), "channel": "sandbox", "terminal": "pc", "state": "open",
                        "created_at": "2026-11-22T10:00:00Z", "state_since": "2026-11-22T10:00:00Z",
                        "provider_deadline": "2026-11-22T10:30:00Z",
                    ]
                ])
            #expect(order.json["receipts"] == [])
            #expect(order.json["refunds"] == [])
        }
    }

    @Test func `a user gets no field that concerns only merchant and provider`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            expectJSON(try await service.client.order(as: .user("user_1")), 200, keys: userKeys)
        }
    }

    @Test func `a paid order shows its receipt, and no page`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.clock.advance(by: .seconds(30))
            try await service.payAndSettle()
            let order = try await service.client.order()
            expectJSON(order, 200, keys: merchantKeys.subtracting(["page"]))
            #expect(order.json["state"] == "paid")
            #expect(order.json["expires_in"] == 0)
            #expect(order.json["payable_in"] == 0)
            #expect(order.json["attempts"][0]["state"] == "paid")
            let receipt = order.json["receipts"][0]
            #expect(
                receipt.keys == [
                    "transaction_id", "trade_no", "channel", "amount", "currency", "standing", "paid_at", "recorded_at",
                ])
            #expect(receipt["standing"] == "honest")
            #expect(receipt["amount"] == 9_900)
            #expect(receipt["paid_at"] == "2026-11-22T10:00:30Z")
        }
    }

    @Test func `a payment of a closed order is late, and its refund is shown`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            _ = try await service.client.close()
            let paid = service.notice(transaction: "sbx_late")
            #expect(try await service.send(paid).status == 200)
            let order = try await service.client.order()
            #expect(order.json["state"] == "closed")
            #expect(order.json["receipts"][0]["standing"] == "late")
            #expect(
                order.json["refunds"] == [
                    [
                        "refund_no": "20261122_0001_1_r1", "provider_refund_no": "20261122_0001_1_r1",
                        "trade_no": .string(Sample.trade), "transaction_id": "sbx_late", "amount": 9_900,
                        "currency": "CNY", "cause": "late", "state": "pending", "created_at": "2026-11-22T10:00:00Z",
                    ]
                ])
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct CloseRouteTests {
    @Test func `a close closes the trade at the provider first, and can be repeated`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let closed = try await service.client.close()
            #expect(closed.status == 200)
            #expect(closed.json["state"] == "closed")
            #expect(closed.json["attempts"][0]["state"] == "closed")
            #expect(closed.json["page"] == .null)
            #expect(try await service.trade()["state"] == "closed")

            service.clock.advance(by: .seconds(1))
            #expect(try await service.client.close().json == closed.json)
            let repay = try await service.client.repay()
            expectProblem(repay, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            #expect(repay.json["state"] == "closed")
            expectProblem(try await service.client.page(), 404, "PAY_PAGE_NOT_FOUND")
        }
    }

    @Test func `a paid order can't be closed`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            try await service.payAndSettle()
            let answer = try await service.client.close()
            expectProblem(answer, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            #expect(answer.json["state"] == "paid")
        }
    }

    @Test func `a payment before the close pays the order, even without its notice`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            try await service.setFaults([["fault": "notify_never", "times": 1]])
            try await service.payInSandbox()
            let answer = try await service.client.close()
            expectProblem(answer, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            #expect(answer.json["state"] == "paid")
            let order = try await service.client.order()
            #expect(order.json["receipts"][0]["standing"] == "honest")
        }
    }

    @Test func `an order whose close has an unknown result stays new`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            try await service.setFaults([["operation": "query", "fault": "garbage"]])
            expectProblem(
                try await service.client.close(), 504, "PAY_PROVIDER_UNKNOWN", fields: ["reason"], retryAfter: "1")
            #expect(try await service.client.order().json["state"] == "new")
            #expect(try await service.client.close().json["state"] == "closed")
        }
    }

    @Test func `the close of an unknown order gets a 404`() async throws {
        try await withService { service in
            expectProblem(try await service.client.close(), 404, "PAY_ORDER_NOT_EXIST")
        }
    }
}
