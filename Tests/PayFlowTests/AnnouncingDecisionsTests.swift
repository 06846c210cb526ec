import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

/// Records the announced orders, and the number of commits at that time.
private final class Announcements: LiveStatus, OrderWrites {
    private let heard = Mutex<[OrderNumber]>([])
    private let writes = Mutex<[String]>([])

    var all: [OrderNumber] { heard.withLock { $0 } }

    func changed(_ number: OrderNumber) { heard.withLock { $0.append(number) } }
    func began(on number: OrderNumber) { writes.withLock { $0.append("began \(number)") } }
    func ended(on number: OrderNumber) { writes.withLock { $0.append("ended \(number)") } }

    /// The announcements around writes since the last call.
    func takeWrites() -> [String] {
        writes.withLock { writes in
            defer { writes = [] }
            return writes
        }
    }
}

@Suite struct AnnouncingDecisionsTests {
    private struct Refused: Error {}

    private struct Bench {
        let decisions: AnnouncingDecisions
        let announcements = Announcements()
        let below: WatchedLedger
        let world: World

        init(_ world: World) throws {
            self.world = world
            below = WatchedLedger(world.store)
            decisions = AnnouncingDecisions(below, to: announcements, around: announcements)
        }

        func makeOrder() async throws {
            let draft = Order(
                number: number, userID: UserID("user-7")!, money: yuan, subject: Subject("two cups")!, returnURL: nil,
                createdAt: world.start, deadline: world.at(1_800))
            let begun = Order(
                number: number, userID: draft.userID, money: yuan, subject: draft.subject, returnURL: nil,
                createdAt: draft.createdAt, deadline: draft.deadline, fence: Fence(1))
            _ = try await decisions.update(number, creating: draft, at: world.clock.now()) { order in
                order = begun
                return Decision(true)
            }
        }
    }

    @Test func `an update is announced after its commit, not before`() async throws {
        try await withWorld { world in
            let bench = try Bench(world)
            let commit = bench.below.willStop(.behind, .update)
            async let made: Void = bench.makeOrder()
            await commit.waitForArrival()
            #expect(bench.announcements.all == [])
            commit.release()
            try await made
            #expect(bench.announcements.all == [number])
        }
    }

    @Test func `a write is announced before it begins and after it ends, whatever its result`() async throws {
        try await withWorld { world in
            let bench = try Bench(world)
            let around = ["began \(number)", "ended \(number)"]
            let (before, behind) = (bench.below.willStop(.before, .update), bench.below.willStop(.behind, .update))
            async let made: Void = bench.makeOrder()
            await before.waitForArrival()
            #expect(bench.announcements.takeWrites() == [around[0]])
            before.release()
            await behind.waitForArrival()
            #expect(bench.announcements.takeWrites() == [])
            behind.release()
            try await made
            #expect(bench.announcements.takeWrites() == [around[1]])

            bench.below.willFail(.update)
            await #expect(throws: LedgerBroke.self) { try await bench.makeOrder() }
            #expect(bench.announcements.takeWrites() == around)
            for trade in [first.text, "somebody else's trade"] {
                let notice = StoredNotice(channel: sandbox, id: trade, tradeNumber: trade, body: "{}")
                _ = try await bench.decisions.record(notice, at: world.clock.now()) { _ in .alreadyRecorded }
            }
            #expect(bench.announcements.takeWrites() == around)
        }
    }

    @Test func `a decision that was rolled back is not announced`() async throws {
        try await withWorld { world in
            let bench = try Bench(world)
            try await bench.makeOrder()
            await #expect(throws: Refused.self) {
                try await bench.decisions.update(number, creating: nil, at: world.clock.now()) { _ -> Decision<Bool> in
                    throw Refused()
                }
            }
            bench.below.willFail(.update)
            await #expect(throws: LedgerBroke.self) { try await bench.makeOrder() }
            #expect(bench.announcements.all == [number])
        }
    }

    @Test func `an order that does not exist is not announced`() async throws {
        try await withWorld { world in
            let bench = try Bench(world)
            let outcome = try await bench.decisions.update(number, creating: nil, at: world.clock.now()) { _ in
                Decision(true)
            }
            #expect(outcome == nil)
            #expect(bench.announcements.all == [])
        }
    }

    @Test func `a notice is announced under the order of its trade`() async throws {
        try await withWorld { world in
            let bench = try Bench(world)
            for (id, trade) in [("n-1", first.text), ("n-2", "somebody else's trade")] {
                let notice = StoredNotice(channel: sandbox, id: id, tradeNumber: trade, body: "{}")
                _ = try await bench.decisions.record(notice, at: world.clock.now()) { _ in .alreadyRecorded }
            }
            #expect(bench.announcements.all == [number])
        }
    }

    @Test func `paying announces the order`() async throws {
        try await withWorld { world in
            let announcements = Announcements()
            let ledger = world.store
            let announced = AnnouncingDecisions(ledger, to: announcements, around: announcements)
            let rules = PayRules(
                deadlines: Deadlines(policy: .reserve, margin: .seconds(60)), switchPolicy: .allow,
                providerTimeout: .seconds(8))
            let flows = Flows(
                FlowParts(
                    reads: ledger, due: ledger, decisions: announced, providers: Providers([world.sandbox]),
                    clock: world.clock, observer: RecordingObserver(), rules: rules, repayMode: .cached,
                    worker: WorkerID("w"),
                    publicURL: { "https://pay.example" }))
            world.sandbox.willCreate(made())
            _ = try await Pay(flows)(world.firstPay()).answer()
            let minted = announcements.all.count
            #expect(minted >= 2, "the intention and the page")
            #expect(Set(announcements.all) == [number])
            _ = try await Pay(flows)(repay()).answer()
            #expect(announcements.all.count == minted, "a hit writes nothing")
        }
    }
}
