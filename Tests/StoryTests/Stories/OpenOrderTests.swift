import Foundation
import PayProviders
import Testing

/// The shop leaves the choice of the channel to the buyer.
@Suite(.serialized, .timeLimit(.minutes(3))) struct OpenOrderTests {
    private func leaveTheChoice(_ service: Service, _ order: String) async throws -> ProviderReply {
        let json = """
            {"out_trade_no":"\(order)","user_id":"u1","amount":9900,"currency":"CNY","subject":"A book"}
            """
        return try await service.call(.post, "/v1/payments", key: "key-\(order)", json: json)
    }

    @Test func `an order without a channel outlives a kill, and is paid by the channel that the buyer chooses`()
        async throws
    {
        try await Story.run(["PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2"]) { story, sandbox, service in
            let made = try await leaveTheChoice(service, "open_order")
            #expect(made.status == 201)
            #expect(try made.read(OpenView.self).checkout_url.contains("/checkout/"))
            #expect(try await sandbox.trades(of: "open_order").isEmpty)
            try await service.crash()

            let next = try await story.startService(sandbox, on: service.port)
            let replay = try await leaveTheChoice(next, "open_order")
            #expect(replay.status == 201 && replay.header("Idempotent-Replayed") == "true")
            #expect(try await next.attempts("open_order").isEmpty)

            let path = try #require(URL(string: try replay.read(OpenView.self).checkout_url)?.path)
            let look = try await next.client.send(.get, path)
            #expect(look.status == 200 && look.text.contains(#"value="sandbox2""#))
            #expect(try await sandbox.trades(of: "open_order").isEmpty)
            let chosen = try await next.call(
                .post, "/v1/payments/open_order/repay", json: #"{"channel":"sandbox2","terminal":"h5"}"#)
            #expect(chosen.status == 200)
            #expect(try await next.attempts("open_order") == ["_1 open"])
            #expect(try await leaveTheChoice(next, "open_order").pageContent == chosen.pageContent)

            try await sandbox.pay("open_order_1")
            try await poll("the order is paid") { try await next.order("open_order").state == "paid" ? () : nil }
            #expect(try await leaveTheChoice(next, "open_order").code == "PAY_ORDER_STATE_ERROR")
        }
    }
}

/// The answer to a first pay call without a page.
private struct OpenView: Decodable {
    let checkout_url: String
}
