import Foundation
import Logging
import PayFlow
import ServiceLifecycle

/// Ends the process for good a while after it was told to stop, whatever is still under way: a provider call can't be
/// cut short, and a chain of them can be long. It is written down, and gone on with after the next start.
struct ShutdownLimit: Service {
    let limit: Duration
    let clock: any PayClock
    let logger: Logger

    func run() async throws {
        // Cancelled, the process ends too.
        try? await gracefulShutdown()
        Task {
            try await clock.sleep(for: limit)
            logger.warning("service stopped before its work was finished, the next start resumes it")
            _exit(EXIT_FAILURE)
        }
    }
}
