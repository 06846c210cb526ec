import Foundation
import PayProviders

/// A running `paypage serve`, and the merchant's calls to it.
struct Service: Sendable {
    static let apiKey = "story-api-key-0123456789"

    let process: ChildProcess
    let port: Int
    let client: Client
    /// The merchant's API key.
    var apiKey = Service.apiKey

    /// Kills the process at once.
    func crash() async throws {
        process.signal(SIGKILL)
        _ = try await process.waitForEnd()
    }

    func call(
        _ method: ProviderRequest.Method, _ path: String, key: String? = nil, json: String? = nil
    ) async throws -> ProviderReply {
        var headers = [Header(name: "Authorization", value: "Bearer \(apiKey)")]
        if let key { headers.append(Header(name: "Idempotency-Key", value: key)) }
        return try await client.send(method, path, headers: headers, json: json)
    }

    func firstPay(
        _ order: String, key: String? = nil, channel: String = "sandbox", terminal: String = "pc",
        expiresIn: Int? = nil
    ) async throws -> ProviderReply {
        let life = expiresIn.map { #","expires_in":\#($0)"# } ?? ""
        let json = """
            {"out_trade_no":"\(order)","user_id":"u1","amount":9900,"currency":"CNY","subject":"A book",\
            "channel":"\(channel)","terminal":"\(terminal)"\(life)}
            """
        return try await call(.post, "/v1/payments", key: key ?? "key-\(order)", json: json)
    }

    /// Repays; without a terminal for the live attempt's own page.
    func repay(_ order: String, terminal: String? = nil) async throws -> ProviderReply {
        let json = terminal.map { #"{"terminal":"\#($0)"}"# } ?? "{}"
        return try await call(.post, "/v1/payments/\(order)/repay", json: json)
    }

    /// Repays until there is a page, and retries as told.
    func repayUntilPaged(_ order: String) async throws -> ProviderReply {
        try await within(.seconds(30), "\(order) gets a page") {
            while true {
                let reply = try await repay(order)
                guard let pause = reply.retryAfter else { return reply }
                try await Task.sleep(for: .seconds(pause))
            }
        }
    }

    func order(_ order: String) async throws -> OrderView {
        try await call(.get, "/v1/payments/\(order)").read(OrderView.self)
    }

    /// The order; nil if it does not exist.
    func orderIfAny(_ order: String) async throws -> OrderView? {
        let reply = try await call(.get, "/v1/payments/\(order)")
        return reply.status == 404 ? nil : try reply.read(OrderView.self)
    }

    /// The state of each attempt, by its number within the order.
    func attempts(_ order: String) async throws -> [String] {
        try await self.order(order).attempts.map { "\($0.trade_no.dropFirst(order.count)) \($0.state)" }
    }
}
