package import PayCore
import PayFlow
import Synchronization

/// The connections of a process to its ledger in PostgreSQL: lanes for writes, a patient lane for writes that wait for
/// a lock, lanes for reads, and lanes for the clock and for people.
///
/// Nothing is cancelled with its caller's task: a provider's answer is stored even if the caller hung up.
package final class PostgresLanes: Sendable {
    /// The number of connections of each kind.
    package struct Counts: Sendable {
        package var writers: Int
        package var readers: Int
        /// The most decisions that share a commit.
        package var decisionsPerBatch: Int

        package init(writers: Int = 2, readers: Int = 1, decisionsPerBatch: Int = 32) {
            self.writers = writers
            self.readers = readers
            self.decisionsPerBatch = decisionsPerBatch
        }
    }

    private let writers: LaneGroup<LaneJob, TransactionRunner>
    private let patient: LaneGroup<LaneJob, TransactionRunner>
    private let clock: LaneGroup<LaneJob, TransactionRunner>
    private let readers: LaneGroup<ReadJob, ReadRunner>
    private let lists: LaneGroup<ReadJob, ReadRunner>
    private let waits: LaneWaits

    private struct ReadJob: Sendable {
        let run: @Sendable (ReadRunner) -> Void
    }

    /// The longest wait of a write lane for a row: behind it, the write goes to the patient lane.
    static let shortLockWait = Duration.milliseconds(50)

    /// Makes no connection: each is made with its first use.
    package convenience init(_ address: ServerAddress, _ counts: Counts = Counts(), waits: LaneWaits = LaneWaits()) {
        self.init(counts, waits: waits) { try PostgresConnection(address, $0) }
    }

    /// - Parameter connect: makes a connection. May throw ``ConnectionLost``, for instance for a server that can't be
    ///   the primary.
    package init(
        _ counts: Counts = Counts(), waits: LaneWaits = LaneWaits(),
        connect: @escaping @Sendable (SessionSettings) throws -> any LaneConnection
    ) {
        self.waits = waits
        func runner(_ settings: SessionSettings) -> TransactionRunner {
            TransactionRunner(waits: waits) { try connect(settings) }
        }
        func reader() -> ReadRunner { ReadRunner(waits: waits) { try connect(SessionSettings()) } }
        let patient = LaneGroup<LaneJob, TransactionRunner>(
            "patient", lanes: 1, state: { runner(SessionSettings()) }, work: Self.runPatiently)
        self.patient = patient
        writers = LaneGroup(
            "write", lanes: counts.writers, jobsPerBatch: counts.decisionsPerBatch,
            state: { runner(SessionSettings(lockTimeout: Self.shortLockWait)) },
            work: { jobs, runner in Self.run(jobs, runner, orOn: patient) })
        clock = LaneGroup("clock", lanes: 1, state: { runner(SessionSettings()) }, work: Self.runPatiently)
        readers = LaneGroup("read", lanes: counts.readers, state: reader, work: Self.read)
        lists = LaneGroup("lists", lanes: 1, state: reader, work: Self.read)
    }

    /// The writes of orders that no lane has taken yet.
    var waitingWrites: Int { writers.waiting }

    /// One decision on an order. Returns after its commit. `decide` and `work` do the same: `decide` in a transaction
    /// with decisions on other orders, and `work` alone.
    package func decide<Value: Sendable>(
        on number: OrderNumber, creating mayCreate: Bool = false, touching names: [String] = [],
        _ decide: @escaping @Sendable (Order?, Numbering) throws -> (decision: OrderDecision, answer: Value),
        alone work: @escaping @Sendable (any LaneConnection) throws -> Value
    ) async throws -> Value {
        let scope = LaneScope.order(number, keys: names)
        let arrival = waits.now()
        return try await withCheckedThrowingContinuation { caller in
            var job = LaneJob(scope, arrivedAt: arrival, work, for: caller)
            job.batched = BatchedDecision(
                number: number, mayCreate: mayCreate,
                decide: { stored, numbering in
                    let (decision, answer) = try decide(stored, numbering)
                    return DecidedOrder(decision: decision) { caller.resume(returning: answer) }
                },
                fail: { caller.resume(throwing: $0) })
            if let refusal = writers.submit(job, touching: scope.touching, goesAlone: false) {
                job.fail(Self.error(refusal))
            }
        }
    }

    /// One transaction. Returns after its commit. The work may run more than once: it must only decide and write.
    package func write<Value: Sendable>(
        _ scope: LaneScope, _ work: @escaping @Sendable (any LaneConnection) throws -> Value
    ) async throws -> Value {
        let arrival = waits.now()
        return try await withCheckedThrowingContinuation { caller in
            let job = LaneJob(scope, arrivedAt: arrival, work, for: caller)
            let refusal =
                switch scope.kind {
                case .orders: writers.submit(job, touching: scope.touching)
                case .clock: clock.submit(job)
                }
            if let refusal { job.fail(Self.error(refusal)) }
        }
    }

    /// Point lookups, whose statements see one snapshot.
    package func find<Value: Sendable>(
        _ look: @escaping @Sendable (any LaneConnection) throws -> Value
    ) async throws -> Value {
        try await read(on: readers) { try $0.read(arrivedAt: $1, look) }
    }

    /// One point lookup of one statement, without a transaction.
    package func findOnce<Value: Sendable>(
        _ look: @escaping @Sendable (any LaneConnection) throws -> Value
    ) async throws -> Value {
        try await read(on: readers) { try $0.readOnce(arrivedAt: $1, look) }
    }

    /// Reads that may take long, such as lists, whose statements see one snapshot.
    package func read<Value: Sendable>(
        _ look: @escaping @Sendable (any LaneConnection) throws -> Value
    ) async throws -> Value {
        try await read(on: lists) { try $0.read(arrivedAt: $1, look) }
    }

    /// One statement that may take long, without a transaction.
    package func readOnce<Value: Sendable>(
        _ look: @escaping @Sendable (any LaneConnection) throws -> Value
    ) async throws -> Value {
        try await read(on: lists) { try $0.readOnce(arrivedAt: $1, look) }
    }

    /// Finishes what waits, and closes every connection. Later calls throw. Blocks.
    package func close() {
        writers.close { $0.close() }
        clock.close { $0.close() }
        // Last of the writers: it takes over from them.
        patient.close { $0.close() }
        readers.close { $0.close() }
        lists.close { $0.close() }
    }

    /// Jobs of a batch share a transaction. If it fails, nothing of it is stored, and each of them runs alone.
    private static func run(
        _ jobs: [LaneJob], _ runner: TransactionRunner, orOn patient: LaneGroup<LaneJob, TransactionRunner>
    ) {
        // Rows are written in the order of the decisions. Sorted, two processes can't wait for each other.
        let jobs = jobs.sorted { ($0.batched?.number.text ?? "") < ($1.batched?.number.text ?? "") }
        let decisions = jobs.compactMap(\.batched)
        guard decisions.count == jobs.count, let arrival = jobs.map(\.arrival).min() else {
            for job in jobs { run(job, runner, orOn: patient) }
            return
        }
        switch DecisionBatch(decisions).run(on: runner, arrivedAt: arrival) {
        case .done(let ends):
            for (job, end) in zip(jobs, ends) {
                switch end {
                case .told(let tell): tell()
                case .refused(let error): job.fail(error)
                case .alone, .held: break
                }
            }
            for (job, end) in zip(jobs, ends) {
                switch end {
                case .told, .refused: break
                case .alone: run(job, runner, orOn: patient)
                case .held: if let refusal = patient.submit(job) { job.fail(error(refusal)) }
                }
            }
        case .failed(_, .unavailable(let reason)):
            for job in jobs { job.fail(LedgerUnavailable(reason)) }
        case .failed(_, let recovery):
            if recovery == .reconnect || recovery == .markAnew { runner.close() }
            for job in jobs { run(job, runner, orOn: patient) }
        }
    }

    private static func run(
        _ job: LaneJob, _ runner: TransactionRunner, orOn patient: LaneGroup<LaneJob, TransactionRunner>
    ) {
        do throws(TransactionRunner.Locked) {
            try job.run(runner, false)
        } catch {
            if let refusal = patient.submit(job) { job.fail(Self.error(refusal)) }
        }
    }

    @Sendable private static func runPatiently(_ jobs: [LaneJob], _ runner: TransactionRunner) {
        for job in jobs {
            do throws(TransactionRunner.Locked) {
                try job.run(runner, true)
            } catch {
                job.fail(LedgerUnavailable(.busy))
            }
        }
    }

    @Sendable private static func read(_ jobs: [ReadJob], _ runner: ReadRunner) {
        for job in jobs {
            job.run(runner)
            runner.endRead()
        }
    }

    private func read<Value: Sendable>(
        on lanes: LaneGroup<ReadJob, ReadRunner>,
        _ look: @escaping @Sendable (ReadRunner, ContinuousClock.Instant) throws -> Value
    ) async throws -> Value {
        let arrival = waits.now()
        return try await withCheckedThrowingContinuation { caller in
            let job = ReadJob { runner in caller.resume(with: Result { try look(runner, arrival) }) }
            if let refusal = lanes.submit(job) { caller.resume(throwing: Self.error(refusal)) }
        }
    }

    private static func error(_ refusal: LaneQueue<some Sendable>.Refusal) -> any Error {
        switch refusal {
        case .closed: LanesClosed()
        case .full: LedgerUnavailable(.overloaded)
        }
    }
}

/// The error of every call on closed lanes.
package struct LanesClosed: Error, CustomStringConvertible {
    package var description: String { "the database was closed" }
}
