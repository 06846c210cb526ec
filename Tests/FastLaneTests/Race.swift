import Foundation
import PayCore
import PayTestSupport
import ServiceTestSupport
import Synchronization

@testable import FastLane

/// Orders that are read while they are written, by one service, or by several on one database and with one clock.
final class Race: Sendable {
    /// The number of orders that are read at the same time.
    static let slots = 16
    /// The minimum number of changes of each kind. The race continues until it has seen them, even on a slow machine.
    static let fewestChanges = 5

    struct Slot: Sendable {
        let order: TrackedOrder
        let calls: [LaneCall]
    }

    /// A request that a fast lane could not answer.
    private struct Miss {
        let slot: Int
        let call: Int
        let service: TestService
    }

    let services: [TestService]
    let history: LinearHistory
    /// The hits between two changes. Most reads meet no change.
    private let hitsPerChange: Int
    /// The minimum number of reads by HTTP.
    private let fewestByHTTP: Int
    private let lanes: [FastLane]
    private let current = Mutex<[Slot]>([])
    private let isOver = Atomic<Bool>(false)
    private let wrong = Mutex<[String]>([])
    /// Requests that the fast lane could not answer, for the routes.
    private let (misses, missed) = AsyncStream<Miss>.makeStream(bufferingPolicy: .bufferingNewest(4))
    /// The same for slow reads, which wait for the writer. Other readers don't wait for them.
    private let (slowMisses, missedSlowly) = AsyncStream<Miss>.makeStream(
        bufferingPolicy: .bufferingNewest(1))
    /// Hits, which trigger the writer and the readers by HTTP.
    let (beats, beat) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    private let (beatsOfHTTP, beatOfHTTP) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(2))

    let (hits, byRoutes, byHTTP, stories) = (Tally(), Tally(), Tally(), Tally())
    let (switches, mints, settled, closed, expiries) = (Tally(), Tally(), Tally(), Tally(), Tally())

    init(_ services: [TestService], _ history: LinearHistory, hitsPerChange: Int, fewestByHTTP: Int) {
        self.services = services
        self.history = history
        self.hitsPerChange = hitsPerChange
        self.fewestByHTTP = fewestByHTTP
        lanes = services.map { FastLane($0.api) }
    }

    /// The clock of all services.
    var clock: HandMovedClock { services[0].clock }

    var isRunning: Bool { !isOver.load(ordering: .relaxed) }

    /// Whether the race has seen the requested number of hits and the minimum of everything else.
    func hasSeenEnough(hits count: Int) -> Bool {
        hits.count >= count && byHTTP.count >= fewestByHTTP
            && [stories, switches, mints, expiries, settled, closed].allSatisfy { $0.count >= Self.fewestChanges }
    }

    var mistakes: [String] { wrong.withLock { $0 } }

    var summary: String {
        """
        never stale: \(hits.count) hits, \(byRoutes.count) by the routes, \(byHTTP.count) by HTTP; \(stories.count) \
        orders, \(switches.count) switches, \(mints.count) fresh, \(expiries.count) expiries, \(settled.count) paid, \
        \(closed.count) closed, \(history.now) moments
        """
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        missed.finish()
        missedSlowly.finish()
        beat.finish()
        beatOfHTTP.finish()
        for slot in slots { slot.order.retire() }
    }

    /// Runs the body until the race ends. An error of the body ends the race.
    func untilItEnds(_ body: () async throws -> Void) async throws {
        defer { end() }
        try await body()
    }

    var slots: [Slot] { current.withLock { $0 } }

    func replace(_ slot: Int, by new: Slot) {
        let old = current.withLock { current in
            guard current.indices.contains(slot) else {
                current.append(new)
                return Slot?.none
            }
            defer { current[slot] = new }
            return current[slot]
        }
        old?.order.retire()
        // A waiter that arrived at the end would wait for ever.
        if !isRunning { new.order.retire() }
    }
}

// The readers.
extension Race {
    /// Reads on several threads, as connections do, until the race has seen enough.
    func readOutOfMemory(_ count: Int, threads: Int) async {
        await withTaskGroup { tasks in
            for seed in 0..<threads {
                tasks.addTask {
                    await withCheckedContinuation { done in
                        Thread.detachNewThread {
                            MemoryReader(self, seed: UInt64(seed)).run(count)
                            done.resume()
                        }
                    }
                }
            }
        }
    }

    /// The state of one reader. Most of its reads give the same bytes as before.
    private struct MemoryReader {
        private struct Read {
            let order: TrackedOrder
            let bytes: [UInt8]
            let shown: ShownPage
            /// The revision of the order and the time at which the bytes were verified.
            var right: (revision: Int, time: Instant)?
        }

        /// The distribution of the calls. The cheap call is the most frequent.
        private static let calls = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 3]

        private let race: Race
        private var random: SplitMix
        private var before: [Read?]
        private var missed: [(number: OrderNumber, revision: Int, time: Instant)?]

        init(_ race: Race, seed: UInt64) {
            self.race = race
            random = SplitMix(state: seed)
            before = Array(repeating: nil, count: Race.slots * LaneCall.kinds * race.services.count)
            missed = Array(repeating: nil, count: before.count)
        }

        consuming func run(_ count: Int) {
            while race.isRunning, !race.hasSeenEnough(hits: count) {
                let slots = race.slots
                for _ in 0..<64 {
                    let drawn = random.next()
                    let (slot, call) = (Int(drawn % UInt64(Race.slots)), Self.calls[Int(drawn >> 32 % 16)])
                    let node = Int(drawn >> 48 % UInt64(race.services.count))
                    let chosen = (node * Race.slots + slot) * LaneCall.kinds + call
                    if !read(slots[slot], call, chosen, by: node) {
                        miss(slots[slot].order, chosen, Miss(slot: slot, call: call, service: race.services[node]))
                    }
                }
            }
        }

        /// Asks the routes when the order or the time has changed since the last miss, and sometimes otherwise.
        private mutating func miss(_ order: TrackedOrder, _ place: Int, _ asked: Miss) {
            let state = (order.number, order.revision, race.clock.now())
            if let missed = missed[place], missed == state, !random.next().isMultiple(of: 4_096) { return }
            missed[place] = state
            (asked.call == LaneCall.slow ? race.missedSlowly : race.missed).yield(asked)
        }

        /// False if the fast lane passes the request to the routes.
        private mutating func read(_ slot: Slot, _ call: Int, _ place: Int, by node: Int) -> Bool {
            let asked = slot.calls[call]
            let (revision, began, from) = (slot.order.revision, race.history.now, race.clock.now())
            guard let bytes = asked.ask(race.lanes[node]) else { return false }
            let read = ReadInterval(
                moments: began...race.history.now, times: from...race.clock.now())
            let stood = slot.order.revision == revision && read.times.upperBound == from ? (revision, from) : nil
            race.countHit()
            if let known = before[place], known.order === slot.order, Self.isSame(known.bytes, bytes) {
                // The same bytes were already verified for this state and time.
                if let stood, let right = known.right, stood == right { return true }
            } else {
                guard let answer = try? RawConnection.answer(in: bytes),
                    let shown = ShownPage(answer, isRepay: asked.isRepay)
                else {
                    race.note("no answer: \(String(decoding: bytes, as: UTF8.self))")
                    return true
                }
                before[place] = Read(order: slot.order, bytes: bytes, shown: shown, right: nil)
            }
            let isRight = before[place].map { race.check(.page($0.shown), slot.order, read, asked) } ?? false
            before[place]?.right = isRight ? stood : nil
            return true
        }

        /// A comparison of bytes in a loop is slow in a debug build.
        private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            left.count == right.count
                && left.withUnsafeBytes { left in
                    right.withUnsafeBytes { memcmp(left.baseAddress!, $0.baseAddress!, left.count) == 0 }
                }
        }
    }

    /// Sends missed requests to the routes, which fill the cache. Some of them are slow.
    func fill() async throws {
        try await fill(misses)
    }

    func fillSlowly() async throws {
        try await fill(slowMisses)
    }

    private func fill(_ misses: AsyncStream<Miss>) async throws {
        for await miss in misses {
            let slot = slots[miss.slot]
            let call = slot.calls[miss.call]
            let (began, from) = (history.now, clock.now())
            let answer = try await call.askRoutes(miss.service.client)
            byRoutes.next()
            check(answer, isRepay: call.isRepay, slot.order, began, from)
        }
    }

    func readByHTTP() async throws {
        var random = SplitMix(state: 7)
        for await _ in beatsOfHTTP {
            let order = slots[Int(random.next() % UInt64(Self.slots))].order
            let (began, from) = (history.now, clock.now())
            let client = services[Int(random.next() % UInt64(services.count))].client
            let isRepay = random.next().isMultiple(of: 2)
            let answer =
                isRepay
                ? try await client.repay(order.number.text)
                : try await client.page(order.number.text, accept: "*/*")
            byHTTP.next()
            check(answer, isRepay: isRepay, order, began, from)
        }
    }

    private func check(_ answer: Answer, isRepay: Bool, _ order: TrackedOrder, _ began: Int, _ from: Instant) {
        let read = ReadInterval(moments: began...history.now, times: from...clock.now())
        if let shown = ShownPage(answer, isRepay: isRepay) {
            check(.page(shown), order, read, nil)
        } else if answer.code == "PAY_PAGE_NOT_FOUND" {
            check(.noPage, order, read, nil)
        } else if answer.status >= 500 {
            note("\(answer.status) \(answer.text)")
        }
    }

    @discardableResult
    private func check(_ shown: Shown, _ order: TrackedOrder, _ read: ReadInterval, _ call: LaneCall?) -> Bool {
        guard !order.explains(shown, read, cutOffs: services[0].rules.deadlines) else { return true }
        note("\(call == nil ? "the routes" : "the fast lane") of \(order.number): \(shown) in \(read)")
        return false
    }

    private func countHit() {
        let count = hits.next()
        if count.isMultiple(of: hitsPerChange) { beat.yield() }
        if count.isMultiple(of: hitsPerChange / 3) { beatOfHTTP.yield() }
    }

    private func note(_ mistake: String) {
        wrong.withLock { if $0.count < 5 { $0.append(mistake) } }
        end()
    }
}

extension LaneCall {
    /// All calls about an order.
    static func all(of number: OrderNumber) -> [LaneCall] {
        [
            LaneCall(number), LaneCall(number, query: "?terminal=pc&openid=\(HistoryLedger.slow)"),
            LaneCall(number, repay: "{}"), LaneCall(number, repay: #"{"terminal":"pc"}"#),
        ]
    }

    static let kinds = 4
    /// The index of the slow call.
    static let slow = 1
}
