import PayProviders

/// A fault of the sandbox's `create`.
enum Fault: Hashable, Sendable, CustomStringConvertible {
    case timeout, lost, error, refused, garbage
    case slow(milliseconds: Int)

    var description: String {
        switch self {
        case .timeout: "timeout"
        case .lost: "lost"
        case .error: "error"
        case .refused: "refused"
        case .garbage: "garbage"
        case .slow(let milliseconds): "slow by \(milliseconds) ms"
        }
    }

    fileprivate func line(on channel: String) -> String {
        if case .slow(let milliseconds) = self {
            return #"{"operation":"create","fault":"slow","ms":\#(milliseconds),"channel":"\#(channel)"}"#
        }
        return #"{"operation":"create","fault":"\#(self)","channel":"\#(channel)"}"#
    }
}

/// The sandbox's unsigned side: its books, its faults, and its buyers.
struct Sandbox: Sendable {
    let client: Client

    /// One fault for the next create on each of these channels.
    func plan(_ faults: [(channel: String, fault: Fault)]) async throws {
        let list = "[\(faults.map { $0.fault.line(on: $0.channel) }.joined(separator: ","))]"
        let reply = try await client.send(.put, "/faults", json: list)
        guard reply.status == 200 else { throw ProviderReply.Unreadable(description: reply.text) }
    }

    func plan(_ fault: Fault) async throws {
        try await plan([("sandbox", fault)])
    }

    /// Waits until every planned fault has begun.
    func faultsBegan() async throws {
        try await poll("the faults begin") {
            try await client.send(.get, "/faults").text == "[]" ? () : nil
        }
    }

    /// Every trade of an order in the books.
    func trades(of order: String) async throws -> [TradeView] {
        try await client.send(.get, "/trades").read(TradeListView.self).trades
            .filter { $0.trade_no.hasPrefix("\(order)_") }
    }

    /// The number of creates of a trade; nil if there was none.
    func creates(_ trade: String) async throws -> Int? {
        let reply = try await client.send(.get, "/trades/\(trade)")
        return reply.status == 404 ? nil : try reply.read(TradeView.self).creates
    }

    /// The buyer pays.
    func pay(_ trade: String) async throws {
        let reply = try await client.send(.post, "/trades/\(trade)/pay")
        guard reply.status == 200 else { throw ProviderReply.Unreadable(description: reply.text) }
    }
}
