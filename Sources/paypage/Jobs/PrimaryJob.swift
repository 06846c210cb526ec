import Logging
import Metrics
import PayFlow
import PayTelemetry
import PostgresStore
import Synchronization

/// Tells operators about the primary of PostgreSQL, by metrics and by a line of the log for each change.
final class PrimaryJob: Sendable {
    private static let age = "paypage_database_beat_age_seconds"
    private static let offset = "paypage_database_clock_offset_seconds"
    private static let unconfirmed = "paypage_database_commits_unconfirmed_total"

    /// The last lines that were logged.
    private struct Told {
        var isKnown = true
        var clock = ClockVerdict.agrees
        var unconfirmedCommits = 0
    }

    private let watch: PrimaryWatch
    private let logger: Logger
    private let told = Mutex(Told())

    init(_ watch: PrimaryWatch, _ logger: Logger) {
        self.watch = watch
        self.logger = logger
    }

    static func declareMetrics(on metrics: PrometheusMetrics) {
        metrics.declare(
            age, .gauge, help: "Seconds since the begin of the last heartbeat that PostgreSQL committed.", labels: [])
        metrics.declare(
            offset, .gauge, help: "PostgreSQL's clock less this machine's, in seconds.", labels: [])
        metrics.declare(
            unconfirmed, .counter,
            help: "Commits that PostgreSQL ended with a warning, because no standby confirmed them.", labels: [])
    }

    var clockJob: ClockJob {
        ClockJob("primary", every: ClockJob.soon) { [self] _ in
            look(watch.report)
            return NothingToReport()
        }
    }

    func look(_ report: PrimaryReport) {
        if let age = report.beatAge { Gauge(label: Self.age).record(age / .seconds(1)) }
        if let offset = report.clockOffset { Gauge(label: Self.offset).record(Double(offset) / 1_000) }
        told.withLock { told in
            if told.isKnown != report.isKnown {
                told.isKnown = report.isKnown
                if report.isKnown {
                    logger.warning("database primary is known again")
                } else {
                    logger.error("database primary is not known, calls are refused")
                }
            }
            let unconfirmed = report.unconfirmedCommits - told.unconfirmedCommits
            if unconfirmed > 0 {
                told.unconfirmedCommits = report.unconfirmedCommits
                Counter(label: Self.unconfirmed).increment(by: unconfirmed)
                logger.error(
                    "commits confirmed by no standby", metadata: ["database.commits": .stringConvertible(unconfirmed)])
            }
            if told.clock != report.clockVerdict {
                told.clock = report.clockVerdict
                if report.clockVerdict != .agrees {
                    logger.warning(
                        "clock differs from the database server",
                        metadata: ["database.clock.offset.ms": .stringConvertible(report.clockOffset ?? 0)])
                }
            }
        }
    }
}
