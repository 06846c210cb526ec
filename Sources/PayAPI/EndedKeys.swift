import Logging
import PayCore
import Synchronization

/// Logs the use of API keys after their end, each key once in a while.
final class EndedKeys: Sendable {
    /// A shop that still sends an old key does so with every call.
    private static let logEvery = Duration.seconds(600)

    private let lastLogged = Mutex<[PersonName: Instant]>([:])

    func note(_ name: PersonName, at now: Instant, _ logger: Logger) {
        let isDue = lastLogged.withLock { logged in
            if let last = logged[name], last <= now, now - last < Self.logEvery { return false }
            logged[name] = now
            return true
        }
        guard isDue else { return }
        logger.warning("API key has ended, call refused", metadata: ["api.key": "\(name.text)"])
    }
}
