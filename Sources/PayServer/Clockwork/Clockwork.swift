public import Logging
public import PayFlow
import PayCore
public import ServiceLifecycle

/// The loop that runs the clock's work: at start, and again a while after each run has ended.
///
/// What is under way when the service is told to stop is finished; nothing new is begun.
public struct Clockwork: Service {
    /// How often leases that ran out are looked for. A user who waits calls by themselves, sooner than this.
    public static let recoverEvery = Duration.seconds(10)

    private let recoverLeases: RecoverLeases
    private let clock: any PayClock
    private let logger: Logger

    public init(_ stories: Stories, clock: any PayClock, logger: Logger) {
        recoverLeases = RecoverLeases(stories)
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await recoverOnce()
                do { try await clock.sleep(for: Self.recoverEvery) } catch { return }
            }
        }
    }

    private func recoverOnce() async {
        do {
            let report = try await recoverLeases.runOnce(at: clock.now())
            guard !report.isEmpty else { return }
            logger.info(
                "recovered leases",
                metadata: [
                    "recover.asked": "\(report.asked)", "recover.closed": "\(report.closed)",
                    "recover.skipped": "\(report.skipped)", "recover.failed": "\(report.failed)",
                ])
        } catch is CancellationError {
            return
        } catch {
            logger.error("lease recovery failed", metadata: ["error": "\(error)"])
        }
    }
}
