public import PayCore
import Synchronization

/// Reconciles every channel by its schedule.
public struct ReconcileJob: Sendable {
    /// Lines without a partner are compared again after this time, because their money may have arrived.
    public static let comparePause = BillSchedule.pause

    /// The results of one run.
    public struct Report: ClockReport, Hashable {
        public var loaded = 0
        public var notLoaded = 0
        public var failed = 0
        public let reachedLimit = false

        public init() {}

        public var isEmpty: Bool { self == Report() }

        public var figures: [ClockFigure] {
            [ClockFigure("loaded", loaded), ClockFigure("not_loaded", notLoaded), ClockFigure("failed", failed)]
        }
    }

    private let reconcile: Reconcile
    private let progress = CompareProgress()

    public init(_ reconcile: Reconcile) {
        self.reconcile = reconcile
    }

    /// Fetches the bills that are due at `now`, and compares them. A failure of one channel is reported, and does not
    /// stop the others.
    public func runOnce(at now: Instant) async throws -> Report {
        var report = Report()
        for channel in reconcile.channels {
            do {
                try await run(channel, at: now, &report)
            } catch let error as CancellationError {
                throw error
            } catch {
                report.failed += 1
                reconcile.saw(.notCompared(channel, why: String(describing: error)))
            }
        }
        return report
    }

    private func run(_ channel: Channel, at now: Instant, _ report: inout Report) async throws {
        var hasNews = try await !reconcile.store.uncomparedBills(of: channel).isEmpty
        for day in try await dueDays(of: channel, at: now) {
            try Task.checkCancellation()
            if try await reconcile.fetch(channel, day).isLoaded {
                report.loaded += 1
                hasNews = true
            } else {
                report.notLoaded += 1
            }
        }
        if hasNews || progress.isDue(channel, at: now) {
            try await reconcile.compare(channel)
            progress.compared(channel, at: now)
        }
        try await tell(of: channel)
    }

    private func dueDays(of channel: Channel, at now: Instant) async throws -> [BillDay] {
        let (store, schedule) = (reconcile.store, reconcile.schedule)
        let days = schedule.days(since: try await store.firstBillDay(of: channel), at: now)
        guard let first = days.first else { return [] }
        let progress = try await store.billProgress(of: channel, since: first)
        return days.filter { schedule.isDue($0, after: progress[$0] ?? .untried, at: now) }
    }

    /// The gauges are set in every run, because an operator's command also opens and closes differences.
    private func tell(of channel: Channel) async throws {
        reconcile.saw(.openDifferences(channel, try await reconcile.store.openDifferences(of: channel)))
        if let last = try await reconcile.store.lastBillDay(of: channel) {
            reconcile.saw(.age(channel, max(.zero, reconcile.parts.clock.now() - last.end)))
        }
    }
}

/// The last comparison of each channel in this process.
private final class CompareProgress: Sendable {
    private let lastAt = Mutex<[Channel: Instant]>([:])

    func isDue(_ channel: Channel, at now: Instant) -> Bool {
        lastAt.withLock { last in
            guard let at = last[channel], at <= now else { return true }
            return now >= at + ReconcileJob.comparePause
        }
    }

    func compared(_ channel: Channel, at now: Instant) {
        lastAt.withLock { $0[channel] = now }
    }
}
