import Foundation
import PayCore
import PayFlow

/// A whole world from one seed: the service with its database, the providers, the network, and the people. It runs on
/// one thread, the one that ``JobQueue`` was installed by, which is why nothing here needs a lock.
final class World: @unchecked Sendable {
    /// 2026-11-22T10:00:00Z, six hours before the end of the day in China.
    static let start = Instant(milliseconds: 1_795_341_600_000)

    /// The share of the clock's idle looks that are made all the same.
    private static let idleLooks = 0.002
    /// How often the clock's work is begun while nobody acts. It makes days cheap.
    private static let quietClock = Duration.seconds(1_800)
    private static let stirredFor = Duration.seconds(120)

    let dice: Dice
    let setting: Setting
    let trace: Trace
    private(set) var books: [Books] = []
    private(set) var watch: Watch!
    private(set) var receivers: [EndpointName: Receiver] = [:]
    private(set) var now: Instant
    var weather: Weather
    var tally = Tally()
    private(set) var failure: Failure?
    private var timeline = Timeline()
    private var slots: [Slot] = []
    private var shoppers: [Shopper] = []
    private(set) var merchants: [OrderNumber: Merchant] = [:]
    /// Until when the clocks run at full speed after the world has healed.
    private var busyUntil = World.start
    /// When bills were last looked for.
    private var billsSoughtAt = World.start
    private var openCalls = 0
    private var processesMade = 0
    private(set) var isHealed = false

    /// A slot for a process, with its connections to the database.
    private struct Slot {
        let ledger: any Store
        var process: ServiceProcess?
    }

    init(seed: UInt64, isTraced: Bool, on database: any SimulatedDatabase) throws {
        dice = Dice(seed: seed)
        setting = Setting(dice)
        weather = setting.weather
        now = setting.hasBills ? Self.start + .seconds(6 * 3_600) - setting.beforeMidnight : Self.start
        let begin = now
        trace = Trace(isWritten: isTraced, start: begin)
        let misnamed = setting.misnamed
        books = setting.styles.map { style in
            Books(
                style, dice, isMisnamedUntil: misnamed?.channel == style.channel ? begin + misnamed!.for : nil,
                spoiltBills: setting.spoiltBills)
        }
        watch = Watch(self)
        for name in Receiver.names { receivers[name] = Receiver(name, self) }
        for slot in 0..<setting.processes { slots.append(Slot(ledger: try database.ledger(slot))) }
    }

    /// The merchant's endpoints, as a start of the service stores them.
    private func configureEndpoints() {
        let (ledger, now) = (slots[0].ledger, now)
        Task {
            do {
                try await JobQueue.shared.foreign {
                    let endpoints = Receiver.names.map { EndpointEntry($0, origin: "https://shop.example") }
                    try await ledger.keepEndpoints(endpoints, at: now)
                }
            } catch {
                fail(.unexpectedError, "the endpoints were not stored: \(error)")
            }
        }
        JobQueue.shared.runUntilQuiet()
    }

    /// Runs to the end, or to the first failure.
    func run() {
        trace.write(now, "world", setting.description)
        configureEndpoints()
        begin()
        while failure == nil {
            JobQueue.shared.runUntilQuiet()
            guard failure == nil, let next = timeline.removeFirst() else { break }
            now = max(now, next.at)
            tally[.steps] += 1
            trace.mix(UInt64(bitPattern: now.milliseconds))
            trace.mix(dice.state)
            next.action()
        }
        end()
    }

    func at(_ instant: Instant, isEssential: Bool = false, _ action: @escaping () -> Void) {
        timeline.add(Timeline.Entry(at: instant, tie: dice.next(), isEssential: isEssential, action: action))
    }

    func fail(_ check: Check, _ explanation: @autoclosure () -> String) {
        guard failure == nil else { return }
        let failure = Failure(check: check, explanation: explanation())
        self.failure = failure
        trace.write(now, "FAILED", "\(check.rawValue): \(failure.explanation)")
    }

    /// Somebody's call to the service. A world doesn't end before it.
    func call(_ label: String, _ body: @escaping @Sendable () async -> Void) {
        openCalls += 1
        Task {
            await body()
            openCalls -= 1
        }
    }

    func books(_ channel: Channel) -> Books { books.first { $0.channel == channel }! }

    /// Makes the clocks run at full speed for a while, because a person or a provider acts.
    func stir() { busyUntil = max(busyUntil, now + Self.stirredFor) }

    private var clockPause: Duration {
        isHealed && busyUntil <= now ? max(setting.clockEvery, Self.quietClock) : setting.clockEvery
    }

    /// Whether a clock looks for bills now: often while they come, rarely at other times.
    func looksForBills() -> Bool {
        guard setting.hasBills else { return false }
        let sinceMidnight = now - BillDay(containing: now).start
        let isTime = setting.billsAt <= sinceMidnight && sinceMidnight < setting.billsAt + .seconds(7 * 3_600)
        guard now >= billsSoughtAt + (isTime ? .seconds(1_500) : .seconds(6 * 3_600)) else { return false }
        // Otherwise another process may look in the same moment.
        if dice.chance(0.7) { billsSoughtAt = now }
        return true
    }

    /// Whether nothing is under way that anybody began: no call, no message, no plan.
    var isQuiet: Bool { timeline.essentials == 0 && openCalls == 0 }

    func isPaidElsewhere(_ receipt: Receipt) -> Bool {
        books.contains { books in
            books.numbers.contains {
                $0.order == receipt.tradeNumber.order && $0 != receipt.tradeNumber && books.trades[$0]?.payment != nil
            }
        }
    }

    private func begin() {
        for slot in slots.indices {
            let isFirst = slot == 0
            at(now + (isFirst ? .zero : dice.duration(.zero ... .seconds(300)))) { [self] in startProcess(slot) }
        }
        shoppers = (1...setting.orders).map { Shopper($0, in: self) }
        for shopper in shoppers {
            merchants[shopper.number] = Merchant(shopper.number, in: self)
            shopper.begin()
        }
        for _ in 0..<weather.outages { planOutage() }
        for _ in 0..<setting.pauses { planPause() }
        let longest = shoppers.map(\.life).max() ?? .zero
        at(now + longest + dice.duration(.zero ... .seconds(600))) { [self] in heal() }
    }

    /// A provider, or the merchant's server, answers nobody for a while.
    private func planOutage() {
        let books = dice.chance(0.7) ? dice.pick(books) : nil
        let endpoint = dice.pick(Receiver.names)
        let begin = now + dice.duration(.zero ... .seconds(600))
        let end = begin + dice.duration(.seconds(5) ... .seconds(books == nil ? 3_600 : 240))
        at(begin) { [self] in
            trace.write(
                now, books.map { "\($0.channel)" } ?? "merchant \(endpoint)", "is down until \(trace.stamp(end))")
            if let books { books.isDownUntil = end } else { receivers[endpoint]?.isDownUntil = end }
        }
    }

    /// An operator pauses a channel beside the running processes, and resumes it a while later.
    private func planPause() {
        let channel = dice.pick(books).channel
        let begin = now + dice.duration(.zero ... .seconds(600))
        let end = begin + dice.duration(.seconds(5) ... .seconds(600))
        at(begin) { [self] in
            guard !isHealed else { return }
            operate("pauses \(channel)") { [self] in _ = try await $0.pause(channel, by: .staff, at: now) }
        }
        at(end) { [self] in
            operate("resumes \(channel)") { [self] in _ = try await $0.resume(channel, by: .staff, at: now) }
        }
    }

    private func operate(_ what: String, _ command: @escaping @Sendable (any Store) async throws -> Void) {
        trace.write(now, "operator", what)
        let ledger = slots[0].ledger
        call("operator \(what)") { [self] in
            do {
                try await JobQueue.shared.foreign { try await command(ledger) }
            } catch {
                fail(.unexpectedError, "an operator who \(what) was told \(error)")
            }
        }
    }

    /// From now on nothing goes wrong any more: whatever is left must settle.
    private func heal() {
        isHealed = true
        stir()
        weather = .calm
        for books in books { books.isDownUntil = nil }
        operate("resumes every channel") { [channels = books.map(\.channel), now] ledger in
            for channel in channels { _ = try await ledger.resume(channel, by: .staff, at: now) }
        }
        for receiver in receivers.values { receiver.isDownUntil = nil }
        trace.write(now, "world", "heals")
        for slot in slots.indices where slots[slot].process == nil { startProcess(slot) }
        at(now + .seconds(60)) { [self] in lookWhetherSettled() }
    }

    private func lookWhetherSettled() {
        guard isQuiet, settledProblem() == nil, lastBillIsRead <= now else {
            guard now < Self.start + .seconds(12 * 24 * 3_600) else {
                return fail(.settles, settledProblem() ?? "somebody's call never ends")
            }
            return at(now + max(.seconds(60), clockPause)) { [self] in lookWhetherSettled() }
        }
        checkBooks()
        guard setting.hasBills else { return timeline.removeAll() }
        let ledger = slots[0].ledger
        call("the last look at the differences") { [self] in
            do {
                var open: [Channel: [DifferenceKind: Int]] = [:]
                for channel in books.map(\.channel) {
                    open[channel] = try await JobQueue.shared.foreign { try await ledger.openDifferences(of: channel) }
                }
                checkBills(open)
            } catch {
                fail(.unexpectedError, "the differences can't be read: \(error)")
            }
            timeline.removeAll()
        }
    }

    private func end() {
        for slot in slots { slot.process?.die() }
        JobQueue.shared.runUntilQuiet()
        tally[.orders] += watch.orders.count
    }
}

extension World {
    /// Any of the processes that are up, as a client would find it.
    func anyProcess() -> ServiceProcess? { dice.pickOrNil(slots.compactMap(\.process)) }

    /// How long a process takes at one of its awaits: nothing much, or as long as a machine can hang.
    func pauseAtAGate() -> Duration {
        guard dice.chance(weather.stalls) else { return .milliseconds(dice.int(0...3)) }
        tally[.stalls] += 1
        return dice.duration(.milliseconds(50)...(setting.rules.leaseLength + .seconds(5)))
    }

    func crash(_ process: ServiceProcess, at place: String) {
        guard process.isAlive, let slot = slots.firstIndex(where: { $0.process === process }) else { return }
        tally[.crashes] += 1
        trace.write(now, process.name, "DIES \(place)")
        slots[slot].process = nil
        process.die()
        at(now + dice.duration(.milliseconds(200)...weather.longestRestart)) { [self] in startProcess(slot) }
    }

    private func startProcess(_ slot: Int) {
        guard slots[slot].process == nil else { return }
        processesMade += 1
        let process = ServiceProcess("process-\(processesMade)", in: self, over: slots[slot].ledger)
        slots[slot].process = process
        trace.write(now, process.name, "starts")
        for task in process.flows.clockwork { loop(task, in: process) }
    }

    /// The service's loop: a run, a pause, a run.
    private func loop(_ task: ClockTask, in process: ServiceProcess) {
        guard process.isAlive else { return }
        // A look that would find nothing changes nothing. Most are left out, because they would take most of the time.
        guard watch.mayBeDue(task.duty) || dice.chance(Self.idleLooks) else {
            return at(now + clockPause) { [self] in loop(task, in: process) }
        }
        Task {
            do {
                if try await task.run(in: self) { return at(now) { [self] in loop(task, in: process) } }
            } catch is Crashed {
                return
            } catch {
                fail(.unexpectedError, "\(task.duty.rawValue) threw \(error)")
            }
            at(now + clockPause) { [self] in loop(task, in: process) }
        }
    }
}
