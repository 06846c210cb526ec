import PayCore
import PayFlow
import PayStore

/// What whoever waits in a process that dies is told. Nothing that is done afterwards reaches anything.
struct Crashed: Error, CustomStringConvertible {
    let description = "the process died"
}

/// One process of the service, with the real flows. It can stop at every one of its awaits, and die there.
final class ServiceProcess: @unchecked Sendable {
    unowned let world: World
    let name: String
    let worker: WorkerID
    private(set) var isAlive = true
    /// Whoever waits, and how to let them go on; false tells them that the process died.
    private var parked: [Int: (Bool) -> Void] = [:]
    private var lastParked = 0
    private(set) var stories: ServiceStories!

    init(_ name: String, in world: World, over ledger: SQLiteLedger) {
        self.world = world
        self.name = name
        worker = WorkerID(name)
        stories = ServiceStories(self, over: ledger)
    }

    /// A place where the process may be slow, or die.
    func pass(_ place: StaticString) async throws {
        guard isAlive else { throw Crashed() }
        if diesNow(place) { throw Crashed() }
        guard await wait(for: world.pauseAtAGate()) else { throw Crashed() }
    }

    /// Draws whether this is where the process dies.
    func diesNow(_ place: StaticString) -> Bool {
        guard isAlive, world.dice.chance(world.weather.crashes) else { return false }
        world.crash(self, at: "\(place)")
        return true
    }

    /// Waits by the world's clock; false when the process died meanwhile.
    func wait(for pause: Duration) async -> Bool {
        guard isAlive else { return false }
        return await withUnsafeContinuation { continuation in
            let ticket = park { continuation.resume(returning: $0) }
            world.at(world.now + pause) { [self] in unpark(ticket) }
        }
    }

    func park(_ resume: @escaping (Bool) -> Void) -> Int {
        lastParked += 1
        parked[lastParked] = resume
        return lastParked
    }

    func unpark(_ ticket: Int) {
        parked.removeValue(forKey: ticket)?(true)
    }

    /// Whoever waited was told by other means.
    func forget(_ ticket: Int) {
        parked.removeValue(forKey: ticket)
    }

    func die() {
        isAlive = false
        let waiting = parked.sorted { $0.key < $1.key }
        parked = [:]
        for (_, resume) in waiting { resume(false) }
    }
}

/// The flows of one process, as its wiring makes them.
struct ServiceStories {
    let pay: Pay
    let close: Close
    let settle: Settle
    let clockwork: [ClockTask]

    init(_ process: ServiceProcess, over ledger: SQLiteLedger) {
        let world = process.world
        let clock = ProcessClock(process: process)
        let stories = Stories(
            FlowParts(
                ledger: GatedLedger(process: process, ledger: ledger),
                providers: Providers(world.books.map { Wire(process: process, books: $0) }),
                clock: clock, witness: ProcessWitness(process: process), rules: world.setting.rules,
                repayMode: world.setting.repayMode, worker: process.worker, publicURL: { "https://pay.example" }))
        pay = Pay(stories)
        close = Close(stories)
        settle = Settle(stories)
        let recover = RecoverLeases(stories)
        clockwork = [
            ClockTask("recover leases", every: 1) { _ = try await recover.runOnce(at: clock.now()) }
        ]
    }
}

/// One of the loop's jobs.
struct ClockTask: Sendable {
    let name: String
    /// How many of the world's clock ticks lie between two runs.
    let every: Int
    let run: @Sendable () async throws -> Void

    init(_ name: String, every: Int, _ run: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.every = every
        self.run = run
    }
}
