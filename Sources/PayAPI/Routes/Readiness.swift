import PayCore
import PayFlow
import Synchronization

/// Checks whether the database can be written. Checks within one second share a write, so that frequent checks are
/// cheap.
final class Readiness: Sendable {
    /// How long the result of a check is reused, from the start of the check.
    private static let lifetime = Duration.seconds(1)

    private struct Check {
        let startedAt: Instant
        package let task: Task<Void, any Error>
        package var isOver = false
    }

    private let ledger: any WriteCheck
    private let last = Mutex<Check?>(nil)

    init(_ ledger: any WriteCheck) {
        self.ledger = ledger
    }

    /// Throws the error that prevents writes to the database.
    func check(at now: Instant) async throws {
        try await current(at: now).value
    }

    /// The check to wait for. A check that waits for a lock is shared for as long as it takes. A result from the
    /// future, after the clock was set back, is not reused.
    private func current(at now: Instant) -> Task<Void, any Error> {
        last.withLock { last in
            if let last, !last.isOver || (last.startedAt..<last.startedAt + Self.lifetime).contains(now) {
                return last.task
            }
            let task = Task { [self] in
                defer { self.last.withLock { $0?.isOver = true } }
                try await ledger.checkWritable()
            }
            last = Check(startedAt: now, task: task)
            return task
        }
    }
}
