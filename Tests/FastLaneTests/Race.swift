import Foundation
import PayCore
import PayTestSupport
import ServiceTestSupport
import Synchronization

@testable import FastLane

/// Some orders that are read while they are written.
final class Race: Sendable {
    /// How many orders are read at a time.
    static let slots = 16
    /// After so many hits the writer makes a change: most of what is read doesn't change meanwhile.
    static let hitsPerChange = 2_000
    /// The race goes on until it has seen so many reads by HTTP and so many changes of each kind, however slow the
    /// machine is.
    static let (fewestByHTTP, fewestChanges) = (1_000, 5)

    struct Slot: Sendable {
        let order: TrackedOrder
        let calls: [LaneCall]
    }

    let service: TestService
    let history: LinearHistory
    private let lane: FastLane
    private let current = Mutex<[Slot]>([])
    private let isOver = Atomic<Bool>(false)
    private let wrong = Mutex<[String]>([])
    /// What the fast lane couldn't answer, to be asked of the routes.
    private let (misses, missed) = AsyncStream<(slot: Int, call: Int)>.makeStream(bufferingPolicy: .bufferingNewest(4))
    /// The same for the slow reads, which wait for the writer: nobody must have to wait for them.
    private let (slowMisses, missedSlowly) = AsyncStream<(slot: Int, call: Int)>.makeStream(
        bufferingPolicy: .bufferingNewest(1))
    /// What the writer and the readers by HTTP go by: hits.
    let (beats, beat) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    private let (beatsOfHTTP, beatOfHTTP) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(2))

    let (hits, byRoutes, byHTTP, stories) = (Tally(), Tally(), Tally(), Tally())
    let (switches, mints, settled, closed, expiries) = (Tally(), Tally(), Tally(), Tally(), Tally())

    init(_ service: TestService, _ history: LinearHistory) {
        self.service = service
        self.history = history
        lane = FastLane(service.api)
    }

    var isRunning: Bool { !isOver.load(ordering: .relaxed) }

    /// Whether the race has seen as many hits as asked for, and enough of everything else.
    func hasSeenEnough(hits count: Int) -> Bool {
        hits.count >= count && byHTTP.count >= Self.fewestByHTTP
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

    /// The body goes on until the race ends; and where the body breaks, that is the end of the race.
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
        // One that came in at the end would wait in vain.
        if !isRunning { new.order.retire() }
    }
}

// The readers.
extension Race {
    /// Reads as connections do, each on a thread of its own, until the race has seen enough.
    func readOutOfMemory(_ count: Int) async {
        await withTaskGroup { tasks in
            for seed in 0..<2 {
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

    /// One reader's own: what it has read before is the same, byte by byte, most of the time.
    private struct MemoryReader {
        private struct Read {
            let order: TrackedOrder
            let bytes: [UInt8]
            let shown: ShownPage
            /// At which revision of the order and which time it was found right.
            var right: (revision: Int, time: Instant)?
        }

        /// How often each call is made, of so many: the cheap one most.
        private static let calls = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 3]

        private let race: Race
        private var random: SplitMix
        private var before: [Read?]
        private var missed: [(number: OrderNumber, revision: Int, time: Instant)?]

        init(_ race: Race, seed: UInt64) {
            self.race = race
            random = SplitMix(state: seed)
            before = Array(repeating: nil, count: Race.slots * LaneCall.kinds)
            missed = Array(repeating: nil, count: before.count)
        }

        consuming func run(_ count: Int) {
            while race.isRunning, !race.hasSeenEnough(hits: count) {
                let slots = race.slots
                for _ in 0..<64 {
                    let drawn = random.next()
                    let (slot, call) = (Int(drawn % UInt64(Race.slots)), Self.calls[Int(drawn >> 32 % 16)])
                    let chosen = slot * LaneCall.kinds + call
                    if !read(slots[slot], call, chosen) { miss(slots[slot].order, chosen, (slot, call)) }
                }
            }
        }

        /// What the routes had nothing for is asked of them again when the order or the time is another, or now and then.
        private mutating func miss(_ order: TrackedOrder, _ place: Int, _ asked: (slot: Int, call: Int)) {
            let state = (order.number, order.revision, race.service.clock.now())
            if let missed = missed[place], missed == state, !random.next().isMultiple(of: 4_096) { return }
            missed[place] = state
            (asked.call == LaneCall.slow ? race.missedSlowly : race.missed).yield(asked)
        }

        /// False when the fast lane leaves it to the routes.
        private mutating func read(_ slot: Slot, _ call: Int, _ place: Int) -> Bool {
            let asked = slot.calls[call]
            let (revision, began, from) = (slot.order.revision, race.history.now, race.service.clock.now())
            guard let bytes = asked.ask(race.lane) else { return false }
            let read = ReadInterval(
                moments: began...race.history.now, times: from...race.service.clock.now())
            let stood = slot.order.revision == revision && read.times.upperBound == from ? (revision, from) : nil
            race.countHit()
            if let known = before[place], known.order === slot.order, Self.isSame(known.bytes, bytes) {
                // The same answer in the same state at the same time was looked at before.
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

        /// Byte by byte is slow in a debug build.
        private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            left.count == right.count
                && left.withUnsafeBytes { left in
                    right.withUnsafeBytes { memcmp(left.baseAddress!, $0.baseAddress!, left.count) == 0 }
                }
        }
    }

    /// Asks the routes for what the fast lane didn't know, so that it knows it next time; some of it slowly.
    func fill() async throws {
        try await fill(misses)
    }

    func fillSlowly() async throws {
        try await fill(slowMisses)
    }

    private func fill(_ misses: AsyncStream<(slot: Int, call: Int)>) async throws {
        for await miss in misses {
            let slot = slots[miss.slot]
            let call = slot.calls[miss.call]
            let (began, from) = (history.now, service.clock.now())
            let answer = try await call.askRoutes(service.client)
            byRoutes.next()
            check(answer, isRepay: call.isRepay, slot.order, began, from)
        }
    }

    func readByHTTP() async throws {
        var random = SplitMix(state: 7)
        for await _ in beatsOfHTTP {
            let order = slots[Int(random.next() % UInt64(Self.slots))].order
            let (began, from) = (history.now, service.clock.now())
            let isRepay = random.next().isMultiple(of: 2)
            let answer =
                isRepay
                ? try await service.client.repay(order.number.text)
                : try await service.client.page(order.number.text, accept: "*/*")
            byHTTP.next()
            check(answer, isRepay: isRepay, order, began, from)
        }
    }

    private func check(_ answer: Answer, isRepay: Bool, _ order: TrackedOrder, _ began: Int, _ from: Instant) {
        let read = ReadInterval(moments: began...history.now, times: from...service.clock.now())
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
        guard !order.explains(shown, read, cutOffs: service.rules.deadlines) else { return true }
        note("\(call == nil ? "the routes" : "the fast lane") of \(order.number): \(shown) in \(read)")
        return false
    }

    private func countHit() {
        let count = hits.next()
        if count.isMultiple(of: Self.hitsPerChange) { beat.yield() }
        if count.isMultiple(of: Self.hitsPerChange / 3) { beatOfHTTP.yield() }
    }

    private func note(_ mistake: String) {
        wrong.withLock { if $0.count < 5 { $0.append(mistake) } }
        end()
    }
}

extension LaneCall {
    /// The calls that an order is asked by.
    static func all(of number: OrderNumber) -> [LaneCall] {
        [
            LaneCall(number), LaneCall(number, query: "?terminal=pc&openid=\(HistoryLedger.slow)"),
            LaneCall(number, repay: "{}"), LaneCall(number, repay: #"{"terminal":"pc"}"#),
        ]
    }

    static let kinds = 4
    /// Which of them is read slowly.
    static let slow = 1
}
