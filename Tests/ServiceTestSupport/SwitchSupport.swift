package import PayCore
import PayFlow
package import PayProviders
import PayTestSupport

extension TestSetup {
    /// A service with two channels, so that a user can switch.
    package static func twoChannels(
        _ policy: SwitchPolicy = .allow, tradeScope: SandboxConfiguration.TradeScope = .order,
        transportTimeout: Duration = .seconds(60)
    ) -> TestSetup {
        TestSetup(
            channels: ["sandbox", "sandbox2"], tradeScope: tradeScope, switchPolicy: policy,
            transportTimeout: transportTimeout)
    }
}

extension Client {
    /// The user switches to another channel.
    package func goTo(_ channel: String, terminal: String = "pc", key: String? = nil) async throws -> Answer {
        try await repay(
            Sample.number, ["channel": .string(channel), "terminal": .string(terminal)], key: key)
    }
}

extension TestService {
    /// The state of each attempt, by its number in the order.
    package func attempts(_ number: String = Sample.number) async throws -> [String] {
        try await client.order(number).json["attempts"].items.map { attempt in
            let trade = attempt["trade_no"].string ?? ""
            return "\(trade.dropFirst(number.count)) \(attempt["state"].string ?? "")"
        }
    }

    /// The sandbox's trades of the order, with their states and the number of creates.
    package func books(_ number: String = Sample.number) async throws -> [String] {
        let trades = try await client.get("/sandbox/trades", as: .nobody).json["trades"].items
        return trades.compactMap { trade in
            guard let name = trade["trade_no"].string, name.hasPrefix("\(number)_"),
                let state = trade["state"].string, case .integer(let creates) = trade["creates"]
            else { return nil }
            return "\(name.dropFirst(number.count)) \(state) \(creates)"
        }
    }

    /// Every call to the provider, in order.
    package func calls(_ number: String = Sample.number) -> [String] {
        log.all.filter { $0.contains("provider.operation=") && $0.contains("trade.no=\(number)_") }.map { line in
            let words = line.split(separator: " ")
            func value(_ name: String) -> Substring {
                words.first { $0.hasPrefix("\(name)=") }?.dropFirst(name.count + 1) ?? ""
            }
            let trade = value("trade.no").dropFirst(number.count)
            return "\(value("provider.operation")) \(trade) \(value("provider.outcome"))"
        }
    }

    /// Sets a fault for the next calls of this operation.
    package func setFault(_ operation: String, _ fault: String, times: Int64 = 1) async throws {
        try await setFaults([
            ["operation": .string(operation), "fault": .string(fault), "times": .integer(times)]
        ])
    }

    /// Runs the query job at the current instant of the clock.
    package func queryAttempts() async throws {
        _ = try await QueryAttempts(flows).runOnce(at: clock.now())
    }

    package func recover() async throws {
        _ = try await RecoverLeases(flows).runOnce(at: clock.now())
    }

    package func submitRefunds() async throws {
        _ = try await SubmitRefunds(flows).runOnce(at: clock.now())
    }

    /// The payer pays. Returns when the notice is stored.
    package func pay(_ trade: String, on channel: String, thenSettled count: Int = 1) async throws {
        try await payInSandbox(trade)
        await observer.wait(for: .notice(Channel(channel)!, .settled), count)
    }

    /// The buyer pays a closed trade from an open password prompt. Returns when the notice is stored.
    package func payAtThePrompt(_ trade: String, on channel: String, thenSettled count: Int = 1) async throws {
        let answer = try await client.send(.post, "/sandbox/trades/\(trade)/pay?late=true", as: .nobody)
        guard answer.status == 200 else { throw TestServiceError(text: answer.text) }
        await observer.wait(for: .notice(Channel(channel)!, .settled), count)
    }
}
