import PayCore
import PayFlow
import PayProviders
import ServiceTestSupport

extension Client {
    /// The merchant's request for a refund.
    func refund(
        _ body: JSONValue = [:], key: String? = "refund-1", of number: String = Sample.number, as who: Who = .merchant
    ) async throws -> Answer {
        try await send(
            .post, "/v1/payments/\(number)/refunds", body.text, as: who,
            headers: key.map { ["Idempotency-Key": $0] } ?? [:])
    }

    func refunds(of number: String = Sample.number) async throws -> [JSONValue] {
        try await get("/v1/payments/\(number)/refunds").json["refunds"].items
    }

    func retry(_ refund: String, of number: String = Sample.number, as who: Who = .merchant) async throws -> Answer {
        try await send(.post, "/v1/payments/\(number)/refunds/\(refund)/retry", as: who)
    }

    func decide(
        _ verdict: String, _ payment: String = "sbx_1", _ body: JSONValue = ["reason": "checked"],
        of number: String = Sample.number, as who: Who = .merchant
    ) async throws -> Answer {
        try await send(.post, "/v1/payments/\(number)/disputes/\(payment)/\(verdict)", body.text, as: who)
    }
}

extension TestService {
    /// Makes an order of 99.00 CNY that is paid.
    func makePaidOrder() async throws {
        _ = try await client.pay()
        try await payAndSettle()
    }

    /// Lets the clock's job run until it has nothing more to do about refunds.
    func submitRefundsUntilDone() async throws {
        for _ in 0..<4 { try await submitRefunds() }
    }

    /// The sandbox's refunds of a trade: number and amount.
    func refundsInSandbox(_ trade: String = Sample.trade) async throws -> [String] {
        try await self.trade(trade)["refunds"].items.map { refund in
            guard case .integer(let amount) = refund["amount"] else { return "" }
            return "\(refund["refund_no"].string ?? "") \(amount)"
        }
    }
}
