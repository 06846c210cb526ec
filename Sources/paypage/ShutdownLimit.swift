import Foundation
import Logging
import PayFlow
import ServiceLifecycle

/// Ends the process a fixed time after the signal to stop, whatever is in progress. A provider call can't be cut short,
/// and a chain of calls can be long. The work is stored, and resumed after the next start.
struct ShutdownLimit: Service {
    let limit: Duration
    let manager: ServiceManager
    let clock: any PayClock
    let logger: Logger

    func run() async throws {
        // A cancellation starts the limit too.
        try? await gracefulShutdown()
        manager.report(.stopping)
        Task {
            try await clock.sleep(for: limit)
            logger.warning("shutdown limit reached, the next start resumes the work")
            _exit(EXIT_FAILURE)
        }
    }
}
