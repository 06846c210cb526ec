package import PayCore

/// A piece of the clock's work, and how often it is looked for.
package struct ClockJob: Sendable {
    /// Its name in a log line: `recover`.
    package let name: String
    /// How long after one run has ended the next begins, unless that one had more to do than its limit.
    package let every: Duration
    package let runOnce: @Sendable (Instant) async throws -> any ClockReport

    package init(
        _ name: String, every: Duration, _ runOnce: @escaping @Sendable (Instant) async throws -> any ClockReport
    ) {
        self.name = name
        self.every = every
        self.runOnce = runOnce
    }
}

extension ClockJob {
    /// The interval of the jobs that a caller may wait for. A run without due work is one indexed read.
    package static let soon = Duration.seconds(1)

    /// The jobs that work on orders: recover leases, submit refunds, query attempts that may hold money, expire orders.
    ///
    /// - Parameter shares: shares the work out among the processes on one database.
    package static func orders(_ flows: Flows, sharing shares: any ClockShares = UndividedClock()) -> [ClockJob] {
        let recover = RecoverLeases(flows)
        let refunds = SubmitRefunds(flows)
        let query = QueryAttempts(flows)
        let expire = ExpireOrders(flows)
        func job(
            _ duty: ClockDuty, _ work: @escaping @Sendable (ClockShare, Instant) async throws -> any ClockReport
        ) -> ClockJob {
            shared(duty, every: soon, flows, shares, work)
        }
        return [
            job(.recover) { try await recover.runOnce(at: $1, in: $0) },
            job(.refund) { try await refunds.runOnce(at: $1, in: $0) },
            job(.query) { try await query.runOnce(at: $1, in: $0) },
            job(.expire) { try await expire.runOnce(at: $1, in: $0) },
        ]
    }

    private static func shared(
        _ duty: ClockDuty, every pause: Duration, _ flows: Flows, _ shares: any ClockShares,
        _ work: @escaping @Sendable (ClockShare, Instant) async throws -> any ClockReport
    ) -> ClockJob {
        let shared = SharedDuty(shares: shares, parts: flows.parts)
        return ClockJob(duty.rawValue, every: pause) { try await shared.run(duty, every: pause, at: $0, work) }
    }

    /// The job that fetches the providers' bills and compares them.
    ///
    /// - Parameter shares: lets one process at a time do it.
    package static func reconcile(
        _ reconcile: Reconcile, sharing shares: any ClockShares = UndividedClock()
    ) -> ClockJob {
        let job = ReconcileJob(reconcile)
        let shared = SharedDuty(shares: shares, parts: reconcile.parts)
        let pause = Duration.seconds(60)
        return ClockJob("reconcile", every: pause) { now in
            try await shared.run(.reconcile, every: pause, at: now) { try await job.runOnce(at: $1) }
        }
    }

    /// The job that deletes expired keys and the pages of finished orders.
    package static func purge(_ archive: any Archive) -> ClockJob {
        let purge = Purge(archive)
        return ClockJob("purge", every: .seconds(60)) { try await purge.runOnce(at: $0) }
    }
}
