import PayFlow
import Synchronization

/// How late the clock jobs are: a job that hangs, that fails, or that leaves due work behind.
package final class JobLags: Sendable {
    /// The lag of one job.
    package struct Lag: Hashable, Sendable {
        package let job: String
        /// The time since a run last left no due work, beyond the interval of the job. Zero for a job in time.
        package let lag: Duration
    }

    private struct Run {
        let every: Duration
        var finishedAt: Duration
    }

    private let runs: Mutex<[String: Run]>

    /// - Parameter uptime: the time of the start, from which the first runs are late.
    init(_ jobs: [ClockJob], at uptime: Duration) {
        let runs = jobs.map { ($0.name, Run(every: $0.every, finishedAt: uptime)) }
        self.runs = Mutex(Dictionary(runs) { first, _ in first })
    }

    /// Notes a run that left no due work.
    func finished(_ job: ClockJob, at uptime: Duration) {
        runs.withLock { $0[job.name]?.finishedAt = uptime }
    }

    /// The lags at an uptime, by the names of the jobs.
    package func lags(at uptime: Duration) -> [Lag] {
        runs.withLock { $0 }.sorted { $0.key < $1.key }.map { name, run in
            Lag(job: name, lag: max(.zero, uptime - run.finishedAt - run.every))
        }
    }
}
