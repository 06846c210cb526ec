import PayCore
package import PayProviders
import Testing

/// A caller of the service over HTTP.
package struct Client: Sendable {
    package enum Who: Hashable, Sendable {
        case merchant
        /// The merchant, with the second API key.
        case merchantsOtherKey
        /// A user, with a token that is valid for an hour.
        case user(String)
        case nobody
        /// This value of `Authorization`.
        case header(String)
    }

    package let base: String
    package let transport: CurlTransport
    package let comparesLanes: Bool
    package let authorization: @Sendable (Who) -> String?

    package init(
        base: String, transport: CurlTransport, comparesLanes: Bool,
        authorization: @escaping @Sendable (Who) -> String? = { _ in nil }
    ) {
        self.base = base
        self.transport = transport
        self.comparesLanes = comparesLanes
        self.authorization = authorization
    }

    package func send(
        _ method: ProviderRequest.Method, _ path: String, _ body: String? = nil, as who: Who = .merchant,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, as: who, headers: headers)
    }

    package func send(
        _ method: ProviderRequest.Method, _ path: String, bytes: [UInt8]?, as who: Who = .merchant,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var all = headers.map { Header(name: $0.key, value: $0.value) }
        if bytes != nil, headers["Content-Type"] == nil {
            all.append(Header(name: "Content-Type", value: "application/json"))
        }
        if let authorization = authorization(who) { all.append(Header(name: "Authorization", value: authorization)) }
        let request = ProviderRequest(method: method, url: base + path, headers: all, body: bytes ?? [])
        let answer = Answer(try await transport.send(request))
        if comparesLanes { try await compareLanes(request, path, answer) }
        return answer
    }

    package func get(_ path: String, as who: Who = .merchant, headers: [String: String] = [:]) async throws -> Answer {
        try await send(.get, path, as: who, headers: headers)
    }

    /// A first pay call.
    package func pay(
        _ body: JSONValue = Sample.body(), key: String? = "key-1", as who: Who = .merchant
    ) async throws -> Answer {
        try await send(.post, "/v1/payments", body.text, as: who, headers: Self.keyHeader(key))
    }

    package func repay(
        _ number: String = Sample.number, _ body: JSONValue = [:], key: String? = nil, as who: Who = .merchant
    ) async throws -> Answer {
        try await send(.post, "/v1/payments/\(number)/repay", body.text, as: who, headers: Self.keyHeader(key))
    }

    package func order(_ number: String = Sample.number, as who: Who = .merchant) async throws -> Answer {
        try await get("/v1/payments/\(number)", as: who)
    }

    package func page(
        _ number: String = Sample.number, _ query: String = "", accept: String? = nil, as who: Who = .merchant
    ) async throws -> Answer {
        try await get("/v1/payments/\(number)/page\(query)", as: who, headers: accept.map { ["Accept": $0] } ?? [:])
    }

    package func close(_ number: String = Sample.number, as who: Who = .merchant) async throws -> Answer {
        try await send(.post, "/v1/payments/\(number)/close", as: who)
    }

    private static func keyHeader(_ key: String?) -> [String: String] {
        key.map { ["Idempotency-Key": $0] } ?? [:]
    }
}

/// The sample order of the tests.
package enum Sample {
    package static let number = "20261122_0001"
    package static let trade = "20261122_0001_1"

    /// A valid first pay body with some fields replaced; null removes a field.
    package static func body(_ number: String = Sample.number, _ changes: [String: JSONValue] = [:]) -> JSONValue {
        var fields: [String: JSONValue] = [
            "out_trade_no": .string(number), "user_id": "user_1", "amount": 9_900, "currency": "CNY",
            "subject": "Tea for two", "channel": "sandbox", "terminal": "pc",
        ]
        for (name, value) in changes { fields[name] = value == .null ? nil : value }
        return .object(fields)
    }
}
