import PayProviders

/// A fault of the sandbox, in any of its calls or in a notice.
struct PlannedFault: Hashable, Sendable, Encodable, CustomStringConvertible {
    let operation: String
    let fault: String
    var channel: String?
    var ms: Int?
    var times = 1

    var description: String { "\(operation) \(fault)\(ms.map { " by \($0) ms" } ?? "")" }
}

extension Sandbox {
    /// Replaces the faults that were planned before.
    func plan(faults: [PlannedFault]) async throws {
        let json = String(decoding: SandboxWire.encode(faults), as: UTF8.self)
        let reply = try await client.send(.put, "/faults", json: json)
        guard reply.status == 200 else { throw ProviderReply.Unreadable(description: reply.text) }
    }

    /// The buyer pays. False if the trade takes no money any more.
    ///
    /// `atThePrompt` is a buyer who was asked for a password before the trade was closed.
    @discardableResult
    func press(_ trade: String, atThePrompt: Bool = false) async throws -> Bool {
        let reply = try await client.send(.post, "/trades/\(trade)/pay\(atThePrompt ? "?late=true" : "")")
        guard [200, 409].contains(reply.status) else { throw ProviderReply.Unreadable(description: reply.text) }
        return reply.status == 200
    }

    func trade(_ number: String) async throws -> BookedTrade {
        try await client.send(.get, "/trades/\(number)").read(BookedTrade.self)
    }
}

extension Service {
    /// The buyer continues with another channel, or from another terminal.
    func goOn(_ order: String, channel: String, terminal: String = "pc") async throws -> ProviderReply {
        let json = #"{"channel":"\#(channel)","terminal":"\#(terminal)"}"#
        return try await call(.post, "/v1/payments/\(order)/repay", json: json)
    }

    /// The buyer continues with another channel, and retries as told until there is a page.
    func goOnUntilPaged(_ order: String, channel: String, terminal: String = "pc") async throws -> ProviderReply {
        try await within(.seconds(60), "\(order) gets a page on \(channel)") {
            while true {
                let reply = try await goOn(order, channel: channel, terminal: terminal)
                guard let pause = reply.retryAfter else { return reply }
                try await Task.sleep(for: .seconds(pause))
            }
        }
    }

    /// The merchant closes the order.
    func close(_ order: String) async throws -> ProviderReply {
        try await call(.post, "/v1/payments/\(order)/close")
    }

    func booked(_ order: String) async throws -> BookedOrder {
        try await call(.get, "/v1/payments/\(order)").read(BookedOrder.self)
    }

    /// The sum of a metric's series, or only of those with the given label.
    func metric(_ name: String, _ label: String = "") async throws -> Int {
        try await call(.get, "/metrics").text.split(separator: "\n")
            .filter { $0.hasPrefix("\(name){") && $0.contains(label) }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
            .reduce(0, +)
    }
}
