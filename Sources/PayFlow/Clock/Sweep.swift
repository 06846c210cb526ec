/// The outcome of one item of a clock job's run. The cases' names are the figures of the report.
public protocol SweepOutcome: CaseIterable, Hashable, RawRepresentable<String>, Sendable {
    /// The work on the item threw an error. The next run tries the item again.
    static var failed: Self { get }

    /// Whether something was done or learned. False for an item that turned out not to be due.
    var isProgress: Bool { get }
}

/// The report of a clock job that works on a list of due items: how many items had each outcome.
public struct SweepReport<Outcome: SweepOutcome>: ClockReport, Hashable {
    private var counts: [Outcome: Int] = [:]
    public let reachedLimit: Bool

    init(_ outcomes: [Outcome], limit: Int) {
        for outcome in outcomes { counts[outcome, default: 0] += 1 }
        // Items without progress stay due. When they fill a whole run, the next run waits as usual.
        reachedLimit = outcomes.count == limit && outcomes.contains { $0 != .failed && $0.isProgress }
    }

    public subscript(outcome: Outcome) -> Int { counts[outcome] ?? 0 }

    public var isEmpty: Bool { !counts.keys.contains(where: \.isProgress) }

    public var figures: [ClockFigure] { Outcome.allCases.map { ClockFigure($0.rawValue, self[$0]) } }
}

extension FlowParts {
    /// Works on each item of a list that was read with `limit`, a few items at a time. An error fails its item alone: the
    /// error is observed, and the item is counted as failed.
    ///
    /// When the task is cancelled, no further item is begun, and the items under way are finished.
    func sweep<Item: Sendable, Outcome: SweepOutcome>(
        _ due: [Item], limit: Int, failure: @escaping @Sendable (Item, _ why: String) -> Observation,
        _ work: @escaping @Sendable (Item) async throws -> Outcome
    ) async -> SweepReport<Outcome> {
        let observer = observer
        let outcomes = await Sweep.work(on: due) { item in
            do {
                return try await work(item)
            } catch {
                observer.saw(failure(item, String(describing: error)))
                return Outcome.failed
            }
        }
        return SweepReport(outcomes, limit: limit)
    }
}

/// The limits that the clock jobs share.
public enum Sweep {
    /// Items in one run: the loop has other work, and the next run goes on.
    public static let itemsPerRun = 200
    /// Items at a time: a provider that doesn't answer takes a time-out for each.
    static let itemsAtATime = 8

    fileprivate static func work<Item: Sendable, Outcome: Sendable>(
        on items: [Item], _ work: @escaping @Sendable (Item) async -> Outcome
    ) async -> [Outcome] {
        await withTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for (index, item) in items.enumerated() {
                if index >= itemsAtATime, let outcome = await group.next() { outcomes.append(outcome) }
                if Task.isCancelled { break }
                // A task of its own: cancelling the run doesn't cut a provider call short.
                let task = Task { await work(item) }
                group.addTask { await task.value }
            }
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
    }
}
