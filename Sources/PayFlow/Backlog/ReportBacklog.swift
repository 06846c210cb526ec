package import PayCore

/// Observes the unfinished work, for the gauges of the metrics.
package struct ReportBacklog: Sendable {
    /// The interval of the counts. A scrape is usually as often, and a count reads an index entry for each unfinished
    /// attempt.
    package static let countEvery = Duration.seconds(15)

    private let reads: any BacklogReads
    private let observer: any FlowObserver

    package init(reads: any BacklogReads, observer: any FlowObserver) {
        self.reads = reads
        self.observer = observer
    }

    package func runOnce(at now: Instant) async throws {
        observer.saw(.backlog(try await reads.backlog(), at: now))
    }
}

extension ClockJob {
    /// The job that counts the unfinished work.
    package static func backlog(_ report: ReportBacklog) -> ClockJob {
        ClockJob("backlog", every: ReportBacklog.countEvery) {
            try await report.runOnce(at: $0)
            return NothingToReport()
        }
    }
}
