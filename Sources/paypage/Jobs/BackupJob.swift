import Foundation
import Logging
import Metrics
import PayCore
import PayFlow
import PayTelemetry
import SQLiteStore
import Synchronization

/// Copies the SQLite database by the clock, and tells operators how old the last good copy is.
final class BackupJob: Sendable {
    private static let age = "paypage_backup_age_seconds"
    private static let size = "paypage_backup_size_bytes"
    private static let duration = "paypage_backup_duration_seconds"
    private static let failures = "paypage_backup_failures_total"

    /// The pause after a copy that failed.
    private static let pauseAfterFailure = Duration.seconds(300)
    /// A look is one list of the folder.
    private static let lookEvery = Duration.seconds(10)
    /// A copy is missed once it is this many times `backup.every` old.
    private static let intervalsUntilMissed = 2

    private struct State {
        var failedAt: Instant?
        /// Why the last copy failed; nil if it did not.
        var failure: String?
        var lastGood: Instant?
        /// The first look, from which on a copy is expected.
        var begun: Instant?
    }

    private let database: String
    private let settings: Settings.Backup
    private let folder: BackupFolder
    private let logger: Logger
    private let state = Mutex(State())

    init(_ settings: Settings.Backup, of database: String, logger: Logger) {
        self.settings = settings
        self.database = database
        self.logger = logger
        folder = BackupFolder(settings.folder, every: settings.every, keep: settings.keep)
    }

    static func declareMetrics(on metrics: PrometheusMetrics) {
        metrics.declare(
            age, .gauge, help: "Seconds since the last good copy in backup.dir was begun.", labels: [])
        metrics.declare(size, .gauge, help: "Bytes of the last copy.", labels: [])
        metrics.declare(duration, .gauge, help: "Seconds that the last copy took.", labels: [])
        metrics.declare(failures, .counter, help: "Copies that failed.", labels: [])
    }

    var clockJob: ClockJob {
        ClockJob("backup", every: Self.lookEvery) { [self] now in
            try await runOnce(at: now)
            return NothingToReport()
        }
    }

    /// Makes a copy if one is due. A failure is logged and kept for ``condition(at:)``.
    func runOnce(at now: Instant) async throws {
        state.withLock { $0.begun = $0.begun ?? now }
        if state.withLock({ $0.failedAt.map { now - $0 < Self.pauseAfterFailure } ?? false }) { return look(at: now) }
        do {
            try await make(at: now)
            state.withLock { ($0.failedAt, $0.failure) = (nil, nil) }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            state.withLock { ($0.failedAt, $0.failure) = (now, String(describing: error)) }
            Counter(label: Self.failures).increment()
            logger.error(
                "backup failed, will retry", metadata: ["backup.dir": "\(settings.folder)", "error": "\(error)"])
        }
        look(at: now)
    }

    private func make(at now: Instant) async throws {
        let begin = ContinuousClock.now
        let outcome = try await Self.onThread { [folder, database] isCancelled in
            try folder.makeIfDue(of: database, at: now) { _ in if isCancelled() { throw CancellationError() } }
        }
        guard case .made(let copy, let bytes, let removed) = outcome else { return }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        Gauge(label: Self.size).record(bytes)
        Gauge(label: Self.duration).record(seconds)
        logger.info(
            "backup made",
            metadata: [
                "backup.file": "\(copy.path)", "backup.bytes": "\(bytes)", "backup.removed": "\(removed)",
                "duration.ms": "\(Int(seconds * 1_000))",
            ])
    }

    private func look(at now: Instant) {
        guard let last = try? folder.copies().last else { return }
        state.withLock { $0.lastGood = last.at }
        Gauge(label: Self.age).record(max(0, (now - last.at) / .seconds(1)))
    }

    /// The condition that needs a person; nil if a good copy is young enough.
    func condition(at now: Instant) -> ServiceCondition? {
        state.withLock { state in
            if let failure = state.failure, let at = state.failedAt {
                return .backupMissing(because: failure, since: state.lastGood ?? at)
            }
            guard let expectedFrom = state.lastGood ?? state.begun,
                now - expectedFrom > settings.every * Self.intervalsUntilMissed
            else { return nil }
            return .backupMissing(because: "the last one in \(settings.folder) is too old", since: expectedFrom)
        }
    }

    /// Runs blocking work on a thread of its own.
    private static func onThread<Value: Sendable>(
        _ work: @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws -> Value
    ) async throws -> Value {
        let isCancelled = Cancelled()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { caller in
                Thread.detachNewThread {
                    caller.resume(with: Result { try work { isCancelled.value.load(ordering: .relaxed) } })
                }
            }
        } onCancel: {
            isCancelled.value.store(true, ordering: .relaxed)
        }
    }

    private final class Cancelled: Sendable {
        let value = Atomic(false)
    }
}
