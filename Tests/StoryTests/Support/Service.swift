import Foundation
import PayProviders

/// A running `paypage serve`, and the calls that a merchant makes to it.
struct Service: Sendable {
    static let apiKey = "story-api-key-0123456789"

    let process: ChildProcess
    let port: Int
    let client: Client
    /// The key that the merchant calls with.
    var apiKey = Service.apiKey

    /// The process is gone at once, wherever it was.
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

    /// With nothing said, it is the live attempt's own page that is asked for.
    func repay(_ order: String, terminal: String? = nil) async throws -> ProviderReply {
        let json = terminal.map { #"{"terminal":"\#($0)"}"# } ?? "{}"
        return try await call(.post, "/v1/payments/\(order)/repay", json: json)
    }

    /// Repays until there is a page, as patiently as it is told to be.
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

    /// Nil while there is no such order.
    func orderIfAny(_ order: String) async throws -> OrderView? {
        let reply = try await call(.get, "/v1/payments/\(order)")
        return reply.status == 404 ? nil : try reply.read(OrderView.self)
    }

    /// The state of each attempt, by its number in the order.
    func attempts(_ order: String) async throws -> [String] {
        try await self.order(order).attempts.map { "\($0.trade_no.dropFirst(order.count)) \($0.state)" }
    }
}
