package import PayCore
import Synchronization

/// Reports this process's conditions to the store, and observes how many things of each kind wait for a person.
package struct WatchAttention: Sendable {
    /// The interval of a look.
    package static let lookEvery = Duration.seconds(5)
    /// Unchanged conditions are repeated this often, because a report without a repetition counts as a dead process's.
    static let repeatEvery = Duration.seconds(60)

    private struct Report {
        let conditions: [ServiceCondition]
        let at: Instant
    }

    private let list: any AttentionList
    private let reports: any ConditionReports
    private let observer: any FlowObserver
    private let worker: WorkerID
    private let conditions: @Sendable (Instant) -> [ServiceCondition]
    private let last = LastReport()

    /// - Parameter conditions: the process's conditions at an instant.
    package init(
        list: any AttentionList, reports: any ConditionReports, observer: any FlowObserver, worker: WorkerID,
        conditions: @escaping @Sendable (Instant) -> [ServiceCondition]
    ) {
        self.list = list
        self.reports = reports
        self.observer = observer
        self.worker = worker
        self.conditions = conditions
    }

    package func runOnce(at now: Instant) async throws {
        let conditions = conditions(now)
        if last.isDue(conditions, at: now) {
            try await reports.report(conditions, of: worker, at: now)
            last.store(conditions, at: now)
        }
        let counts = try await list.attention(at: now, limit: 0).counts
        observer.saw(AttentionKind.allCases.map { .attention($0, count: counts[$0] ?? 0) })
    }

    /// The last stored report of this process.
    private final class LastReport: Sendable {
        private let report = Mutex(Report(conditions: [], at: .earliest))

        /// Whether the conditions changed, or were repeated too long ago. Nothing is as good as no report.
        func isDue(_ conditions: [ServiceCondition], at now: Instant) -> Bool {
            report.withLock { last in
                let isOld = now - last.at >= repeatEvery || now < last.at
                return conditions != last.conditions || (isOld && !conditions.isEmpty)
            }
        }

        func store(_ conditions: [ServiceCondition], at now: Instant) {
            report.withLock { $0 = Report(conditions: conditions, at: now) }
        }
    }
}

extension ClockJob {
    /// The job that reports conditions and counts what waits for a person.
    package static func attention(_ watch: WatchAttention) -> ClockJob {
        ClockJob("attention", every: WatchAttention.lookEvery) {
            try await watch.runOnce(at: $0)
            return NothingToReport()
        }
    }
}
