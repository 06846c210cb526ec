public import PayCore
import Synchronization

/// Finds the attempts that a restore of the database lost. Their numbers follow the known ones, so that the providers
/// can be asked. Money is settled, and a trade that a buyer may still pay is watched.
///
/// A provider that doesn't answer keeps its orders on the list. The other providers and orders don't wait for it. They are
/// not queried about the same orders again and again meanwhile: the next round begins after a pause.
public final class FindLostTrades: Sendable {
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
    /// The pause before the orders are searched again whose providers did not all answer.
    static let pause = Duration.seconds(60)

    private let parts: FlowParts
    private let marks: any RestoreMarks
    private let round = Mutex(Round())

    /// Several runs, each with the next orders of the list.
    private struct Round {
        /// The last order of the last run; nil if the next run begins a round.
        var last: OrderNumber?
        var isAnyWaiting = false
        /// Nil for at once.
        var beginsAt: Instant?

        mutating func add(_ searched: [OrderNumber], isAnyWaiting: Bool, isLast: Bool, at now: Instant) {
            self.isAnyWaiting = self.isAnyWaiting || isAnyWaiting
            last = searched.last
            if isLast { self = Round(beginsAt: self.isAnyWaiting ? now + FindLostTrades.pause : nil) }
        }
    }

    public init(_ flows: Flows, marks: any RestoreMarks) {
        parts = flows.parts
        self.marks = marks
    }

    /// Searches the orders that a restore left to be searched, each run the next ones. A failure of one order does not
    /// stop the others.
    public func runOnce(at now: Instant, limit: Int = ordersPerRun) async throws -> SweepReport<Outcome> {
        let begun = round.withLock { $0 }
        if let beginsAt = begun.beginsAt, now < beginsAt { return SweepReport([], limit: limit) }
        let due = try await marks.ordersToSearch(after: begun.last, limit: limit)
        let report = await parts.sweep(due, limit: limit, failure: Observation.notSearched) {
            try await self.search($0)
        }
        round.withLock { $0.add(due, isAnyWaiting: report[.waiting] > 0, isLast: due.count < limit, at: now) }
        return report
    }

    /// The answers of the providers about some trades.
    private struct Findings {
        var isAnyFound = false
        var areAllAnswered = true

        mutating func add(_ isKnown: Bool?) {
            isAnyFound = isAnyFound || isKnown == true
            areAllAnswered = areAllAnswered && isKnown != nil
        }
    }

    private func search(_ number: OrderNumber) async throws -> Outcome {
        guard let order = try await parts.reads.order(number) else { throw OrderVanished(number: number) }
        var findings = Findings()
        for noticed in try await marks.noticedTrades(of: number) where order.numbering.mayHaveLost(noticed.trade) {
            findings.add(try await ask(noticed.channel, about: noticed.trade, of: order))
        }
        for range in order.numbering.lostSequences { try await search(range, of: order, &findings) }
        guard findings.areAllAnswered else { return .waiting }
        try await marks.endSearch(of: number)
        return findings.isAnyFound ? .found : .nothing
    }

    /// Asks about the numbers of a lost time that are not stored. It ends behind the last stored one, after several that
    /// no provider is known to have.
    private func search(_ range: ClosedRange<Int>, of order: Order, _ findings: inout Findings) async throws {
        let stored = Set(order.attempts.map(\.number.sequence).filter(range.contains))
        let lastStored = stored.max() ?? range.lowerBound - 1
        var missing = 0
        for sequence in range where !stored.contains(sequence) {
            let isKnown = try await askAll(about: TradeNumber(order: order.number, sequence: sequence), of: order)
            findings.add(isKnown)
            missing = isKnown == true || sequence < lastStored ? 0 : missing + 1
            if missing == Self.mostMissing { return }
        }
    }

    /// Whether a provider knows the trade. Nil if none is known to, and at least one has not answered.
    private func askAll(about trade: TradeNumber, of order: Order) async throws -> Bool? {
        var haveAllAnswered = true
        for channel in parts.providers.channels {
            switch try await ask(channel, about: trade, of: order) {
            case true?: return true
            case false?: continue
            case nil: haveAllAnswered = false
            }
        }
        return haveAllAnswered ? false : nil
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
