import PayCore
import PayFlow

/// Thrown at every await of a process that died. Later calls of such a process have no effect.
struct Crashed: Error, CustomStringConvertible {
    let description = "the process died"
}

/// One process of the service, with the real flows. It can stop at every one of its awaits, and die there.
final class ServiceProcess: @unchecked Sendable {
    unowned let world: World
    let name: String
    let worker: WorkerID
    private(set) var isAlive = true
    /// The waiting calls, and how to resume each; false means that the process died.
    private var parked: [Int: (Bool) -> Void] = [:]
    private var lastParked = 0
    private(set) var flows: ServiceFlows!

    init(_ name: String, in world: World, over ledger: any Store) {
        self.world = world
        self.name = name
        worker = WorkerID(name)
        flows = ServiceFlows(self, over: ledger)
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

    /// Waits by the world's clock; false when the process died meanwhile. The ticket allows to end the wait sooner.
    func wait(for pause: Duration, _ tell: (_ ticket: Int) -> Void = { _ in }) async -> Bool {
        guard isAlive else { return false }
        return await withUnsafeContinuation { continuation in
            let ticket = park { continuation.resume(returning: $0) }
            tell(ticket)
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

    /// Removes a wait that was resumed by other means.
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
struct ServiceFlows {
    let pay: Pay
    let close: Close
    let settle: Settle
    let requestRefund: RequestRefund
    let decideDispute: DecideDispute
    let ledger: GatedLedger
    let clockwork: [ClockTask]

    init(_ process: ServiceProcess, over ledger: any Store) {
        let world = process.world
        let clock = ProcessClock(process: process)
        let gated = GatedLedger(process: process, ledger: ledger)
        self.ledger = gated
        let flows = Flows(
            FlowParts(
                ledger: gated,
                providers: Providers(world.books.map { Wire(process: process, books: $0) }),
                clock: clock, observer: ProcessObserver(process: process), rules: world.setting.rules,
                repayMode: world.setting.repayMode, worker: process.worker, publicURL: { "https://pay.example" },
                acceptance: ChannelAcceptance(pauses: GatedPauses(process: process, ledger: ledger))))
        pay = Pay(flows)
        close = Close(flows)
        settle = Settle(flows)
        requestRefund = RequestRefund(flows)
        decideDispute = DecideDispute(flows)
        let recover = RecoverLeases(flows)
        let refunds = SubmitRefunds(flows)
        let query = QueryAttempts(flows)
        let expire = ExpireOrders(flows)
        let deliveries = Receiver.names.map { name in
            DeliverEvents(
                to: name, outbox: GatedOutbox(process: process, ledger: ledger),
                receiver: MerchantWire(process: process), clock: clock, observer: ProcessObserver(process: process))
        }
        let purge = Purge(GatedArchive(process: process, ledger: ledger))
        let reconcile = ReconcileJob(
            Reconcile(
                flows, store: GatedBills(process: process, ledger: ledger),
                schedule: BillSchedule(at: world.setting.billsAt), foreign: .report))
        clockwork =
            [
                ClockTask(.recover) { try await recover.runOnce(at: $0, limit: $1) },
                ClockTask(.refund) { try await refunds.runOnce(at: $0, limit: $1) },
                ClockTask(.query) { try await query.runOnce(at: $0, limit: $1) },
                ClockTask(.expire) { try await expire.runOnce(at: $0, limit: $1) },
                ClockTask(.purge) { try await purge.runOnce(at: $0, limit: $1) },
                ClockTask(.reconcile) { now, _ in try await reconcile.runOnce(at: now) },
            ]
            + deliveries.map { deliver in
                ClockTask(.deliver) { try await deliver.runOnce(at: $0, limit: $1) }
            }
    }
}

/// One of the loop's jobs.
struct ClockTask: Sendable {
    /// The duty of the job, and its name in a trace.
    enum Duty: String, Sendable {
        case recover, refund, query, expire, deliver, purge, reconcile

        /// The duty that the code that asks was begun by; nil where a person or a provider began it.
        @TaskLocal static var current: Duty?
    }

    /// Small, so that a world with few orders reaches it now and then.
    private static let limits = [1, 3, 200]

    let duty: Duty
    private let runOnce: @Sendable (Instant, Int) async throws -> any ClockReport

    init(_ duty: Duty, _ runOnce: @escaping @Sendable (Instant, Int) async throws -> any ClockReport) {
        self.duty = duty
        self.runOnce = runOnce
    }

    /// Whether there is more to do at once.
    func run(in world: World) async throws -> Bool {
        let limit = world.dice.pick(Self.limits)
        let report = try await Duty.$current.withValue(duty) { try await runOnce(world.now, limit) }
        if !report.isEmpty {
            let figures = report.figures.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }
            world.trace.write(world.now, "clock", "\(duty.rawValue): \(figures.joined(separator: ", "))")
        }
        return report.reachedLimit
    }
}
