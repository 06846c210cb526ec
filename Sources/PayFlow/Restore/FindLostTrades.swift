public import PayCore

/// Finds the attempts that a restore of the database lost. Their numbers follow the known ones, so that the providers
/// can be asked. Money is settled, and a trade that a buyer may still pay is watched.
public struct FindLostTrades: Sendable {
    public enum Outcome: String, SweepOutcome {
        /// At least one attempt was found.
        case found
        case nothing
        /// A provider could not be asked: the order is searched again.
        case waiting
        case failed

        public var isProgress: Bool { self != .waiting }
    }

    /// An Alipay trade that no buyer opened does not exist at the provider, so that one missing number proves nothing.
    static let mostMissing = 3
    /// Each order takes a few queries of every channel.
    public static let ordersPerRun = 50

    private let parts: FlowParts
    private let marks: any RestoreMarks

    public init(_ flows: Flows, marks: any RestoreMarks) {
        parts = flows.parts
        self.marks = marks
    }

    /// Searches the orders that a restore left to be searched. A failure of one order does not stop the others.
    public func runOnce(at now: Instant, limit: Int = ordersPerRun) async throws -> SweepReport<Outcome> {
        let due = try await marks.ordersToSearch(limit: limit)
        return await parts.sweep(due, limit: limit, failure: Observation.notSearched) { try await search($0) }
    }

    private func search(_ number: OrderNumber) async throws -> Outcome {
        guard let order = try await parts.reads.order(number) else { throw OrderVanished(number: number) }
        var found = false
        for noticed in try await marks.noticedTrades(of: number) {
            guard order.numbering.mayHaveLost(noticed.trade) else { continue }
            guard let isKnown = try await ask(noticed.channel, about: noticed.trade, of: order) else { return .waiting }
            found = found || isKnown
        }
        for range in order.numbering.lostSequences {
            guard let isFound = try await search(range, of: order) else { return .waiting }
            found = found || isFound
        }
        try await marks.endSearch(of: number)
        return found ? .found : .nothing
    }

    /// Whether a provider knows a trade behind the known ones of a lost time. Nil if an answer is not known.
    private func search(_ range: ClosedRange<Int>, of order: Order) async throws -> Bool? {
        let known = order.attempts.map(\.number.sequence).filter(range.contains)
        var next = (known.max() ?? range.lowerBound - 1) + 1
        var (missing, found) = (0, false)
        while range.contains(next), missing < Self.mostMissing {
            let trade = TradeNumber(order: order.number, sequence: next)
            guard let isKnown = try await askAll(about: trade, of: order) else { return nil }
            missing = isKnown ? 0 : missing + 1
            found = found || isKnown
            next += 1
        }
        return found
    }

    private func askAll(about trade: TradeNumber, of order: Order) async throws -> Bool? {
        for channel in parts.providers.channels {
            guard let isKnown = try await ask(channel, about: trade, of: order) else { return nil }
            if isKnown { return true }
        }
        return false
    }

    /// Whether the provider knows the trade. Nil if its answer is not known.
    private func ask(_ channel: Channel, about trade: TradeNumber, of order: Order) async throws -> Bool? {
        guard parts.providers[channel] != nil else { return false }
        let answer = await ProviderCalls(parts: parts).query(order.lostAttempt(trade, at: channel))
        switch answer {
        case .noSuchTrade: return false
        case .unknown: return nil
        case .closed: return true
        case .unpaid:
            try await parts.decide(on: order.number) { order, now in
                let isTaken = order.takeInLost(trade, at: channel, now: now)
                return Decision((), noting: isTaken ? [.called(.query, trade, answer: answer.words)] : [])
            }
        case .paid(let receipt):
            do {
                let action = try await parts.decide(on: order.number) { order, now in
                    Decision(try order.settle(receipt, at: now))
                }
                parts.observer.saw(action.observations(channel, trade))
            } catch let foreign as PaymentOfAnotherTrade {
                parts.observer.saw(.needsPerson(foreign.channel, trade: trade.text))
            }
        }
        return true
    }
}

extension ClockJob {
    /// The job that finds what a restore of the database lost. Without a restore, it has nothing to do.
    package static func search(_ flows: Flows, _ marks: any RestoreMarks) -> ClockJob {
        let search = FindLostTrades(flows, marks: marks)
        return ClockJob("search", every: .seconds(5)) { try await search.runOnce(at: $0) }
    }
}
