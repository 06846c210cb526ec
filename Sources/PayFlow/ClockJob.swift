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
    package static func orders(_ flows: Flows) -> [ClockJob] {
        let recover = RecoverLeases(flows)
        let refunds = SubmitRefunds(flows)
        let query = QueryAttempts(flows)
        let expire = ExpireOrders(flows)
        return [
            ClockJob("recover", every: soon) { try await recover.runOnce(at: $0) },
            ClockJob("refund", every: soon) { try await refunds.runOnce(at: $0) },
            ClockJob("query", every: soon) { try await query.runOnce(at: $0) },
            ClockJob("expire", every: soon) { try await expire.runOnce(at: $0) },
        ]
    }

    /// The job that fetches the providers' bills and compares them.
    package static func reconcile(_ reconcile: Reconcile) -> ClockJob {
        let job = ReconcileJob(reconcile)
        return ClockJob("reconcile", every: .seconds(60)) { try await job.runOnce(at: $0) }
    }

    /// The job that deletes expired keys and the pages of finished orders.
    package static func purge(_ archive: any Archive) -> ClockJob {
        let purge = Purge(archive)
        return ClockJob("purge", every: .seconds(60)) { try await purge.runOnce(at: $0) }
    }
}
