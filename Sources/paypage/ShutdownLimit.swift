import Foundation
import Logging
import PayFlow
import ServiceLifecycle

/// Ends the process a fixed time after the signal to stop, whatever is in progress. A provider call can't be cut short,
/// and a chain of calls can be long. The work is stored, and resumed after the next start.
struct ShutdownLimit: Service {
    let limit: Duration
    let clock: any PayClock
    let logger: Logger

    func run() async throws {
        // A cancellation starts the limit too.
        try? await gracefulShutdown()
        Task {
            try await clock.sleep(for: limit)
            logger.warning("service stopped before its work was finished, the next start resumes it")
            _exit(EXIT_FAILURE)
        }
    }
}
