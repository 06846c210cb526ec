package import Logging
package import PayFlow
import ServiceLifecycle

/// Runs the periodic jobs: each job at start, and again after a pause since the end of its last run. A slow job does
/// not delay the others.
///
/// When the service is told to stop, running jobs finish and no other run begins.
package struct JobRunner: Service {
    private let jobs: [ClockJob]
    private let clock: any PayClock
    private let logger: Logger
    /// How late each job is.
    package let lags: JobLags

    package init(_ jobs: [ClockJob], clock: any PayClock, logger: Logger) {
        self.jobs = jobs
        self.clock = clock
        self.logger = logger
        lags = JobLags(jobs, at: clock.uptime())
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                for job in jobs { group.addTask { await go(on: job) } }
            }
        }
    }

    private func go(on job: ClockJob) async {
        while !Task.isCancelled {
            if await runOnce(job) { continue }
            do { try await clock.sleep(for: job.every) } catch { return }
        }
    }

    /// Returns whether there is more work to do at once.
    private func runOnce(_ job: ClockJob) async -> Bool {
        do {
            let report = try await job.runOnce(clock.now())
            if !report.reachedLimit { lags.finished(job, at: clock.uptime()) }
            if report.isRoutine {
                logger.debug("clock job finished", metadata: job.metadata(of: report))
            } else if !report.isEmpty {
                logger.info("clock job finished", metadata: job.metadata(of: report))
            }
            return report.reachedLimit
        } catch is CancellationError {
            return false
        } catch {
            logger.error("clock job failed", metadata: ["clock.job": "\(job.name)", "error": "\(error)"])
            return false
        }
    }
}

extension ClockJob {
    fileprivate func metadata(of report: any ClockReport) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["clock.job": "\(name)"]
        for figure in report.figures { metadata["clock.\(figure.name)"] = .stringConvertible(figure.count) }
        return metadata
    }
}
