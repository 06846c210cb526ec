import PayCore
import PayFlow
import Synchronization

/// Whether the database takes writes now. Checks that come within a second share one write, so that anybody may ask often.
final class Readiness: Sendable {
    /// How long the outcome of a check is told again, from the beginning of the check on.
    private static let lifetime = Duration.seconds(1)

    private struct Check {
        let startedAt: Instant
        package let task: Task<Void, any Error>
        package var isOver = false
    }

    private let ledger: any Ledger
    private let last = Mutex<Check?>(nil)

    init(_ ledger: any Ledger) {
        self.ledger = ledger
    }

    /// Throws what keeps the database from being written.
    func check(at now: Instant) async throws {
        try await current(at: now).value
    }

    /// A check that waits for a lock is joined for as long as it takes. An outcome from the future (the clock was set
    /// back) is not told again.
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
