import Foundation
import Synchronization

/// Runs every job of Swift's concurrency on one thread, in the order in which they came, so that the same world runs
/// the same way twice.
///
/// The runtime's hook is the whole process's: nothing else may go on beside a simulation, which is why the tests run it
/// as a process of its own.
final class JobQueue: @unchecked Sendable {
    static let shared = JobQueue()

    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    private let runner = Runner()
    /// The thread that runs the jobs, and alone touches what is not behind the lock.
    private var thread = pthread_self()
    private var jobs: [UnownedJob] = []
    private var next = 0
    /// Database operations that are under way: their answers come from the database's own threads.
    private var foreignWork = 0
    private let inbox = NSCondition()
    private var arrivals: [UnownedJob] = []

    /// Takes over the jobs of this process, for the thread that calls.
    func install() {
        thread = pthread_self()
        guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else {
            fatalError("this Swift runtime has no swift_task_enqueueGlobal_hook: a world can't be replayed")
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, _ in JobQueue.shared.enqueue(job) }
    }

    /// Runs jobs until none is left, and no database operation is under way that would bring another.
    func runUntilQuiet() {
        while true {
            while next < jobs.count {
                let job = jobs[next]
                next += 1
                job.runSynchronously(on: runner.asUnownedTaskExecutor())
            }
            jobs.removeAll(keepingCapacity: true)
            next = 0
            guard foreignWork > 0 else { return }
            waitForArrival()
        }
    }

    /// A database operation: the queue waits for it. At most one at a time, so that their order is ours.
    func foreign<Value: Sendable>(_ operation: () async throws -> Value) async rethrows -> Value {
        precondition(foreignWork == 0, "two database operations at once: their order would be the machine's")
        foreignWork += 1
        defer { foreignWork -= 1 }
        return try await operation()
    }

    private func enqueue(_ job: UnownedJob) {
        guard pthread_equal(pthread_self(), thread) == 0 else {
            jobs.append(job)
            return
        }
        inbox.lock()
        arrivals.append(job)
        inbox.signal()
        inbox.unlock()
    }

    private func waitForArrival() {
        inbox.lock()
        while arrivals.isEmpty { inbox.wait() }
        jobs = arrivals
        arrivals.removeAll(keepingCapacity: true)
        inbox.unlock()
    }

    /// Stands for "wherever": the queue runs the jobs, this is never asked to.
    private final class Runner: TaskExecutor {
        func enqueue(_ job: UnownedJob) { JobQueue.shared.enqueue(job) }
    }
}
