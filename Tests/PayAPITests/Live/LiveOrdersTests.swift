import PayCore
import PayFlow
import PayTestSupport
import SQLiteStore
import ServiceLifecycle
import Synchronization
import Testing

@testable import PayAPI

@Suite(.timeLimit(.minutes(2))) struct LiveOrdersTests {
    private let number = LiveBench.number

    @Test func `a new watcher receives the order at once, and again after each change`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let watch = try bench.watch()
            #expect(await watch.next() == .version(1))
            try await bench.put(2)
            bench.live.changed(number)
            #expect(await watch.next() == .version(2))
        }
    }

    @Test func `watching an unknown order reports it as absent`() async throws {
        try await withLiveBench { bench in
            let watch = try bench.watch()
            #expect(await watch.next() == .absent)
        }
    }

    @Test func `an order without watchers is not read`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            bench.live.changed(number)
            let other = try bench.watch(LiveBench.other)
            #expect(await other.next() == .absent)
            bench.live.changed(number)
            #expect(bench.reads.count(.order) == 1)
        }
    }

    @Test func `one read of an order serves all its watchers`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            var watches: [LiveWatch] = []
            for _ in 0..<20 {
                let watch = try bench.watch()
                #expect(await watch.next() == .version(1))
                watches.append(watch)
            }
            let before = bench.reads.count(.order)
            try await bench.put(2)
            bench.live.changed(number)
            for watch in watches { #expect(await watch.next() == .version(2)) }
            #expect(bench.reads.count(.order) == before + 1)
        }
    }

    @Test func `a new watcher, or a change without effect, does not wake the other watchers`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let early = try bench.watch()
            #expect(await early.next() == .version(1))
            async let next = early.next()
            let late = try bench.watch()
            #expect(await late.next() == .version(1))
            bench.live.changed(number)
            await bench.reads.wait(for: 3, .order)
            try await bench.put(2)
            bench.live.changed(number)
            #expect(await late.next() == .version(2))
            #expect(await next == .version(2))
        }
    }

    @Test func `changes during a read cause one more read, and the newest order is sent last`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let watch = try bench.watch()
            #expect(await watch.next() == .version(1))
            let reading = bench.reads.willStop(.behind, .order)
            bench.live.changed(number)
            await reading.waitForArrival()
            try await bench.put(2)
            for _ in 0..<5 { bench.live.changed(number) }
            reading.release()
            await bench.reads.wait(for: 3, .order)
            var told = await watch.next()
            // The watcher may have taken the first message before the second one arrived.
            if told == .version(1) { told = await watch.next() }
            #expect(told == .version(2))
            #expect(bench.reads.count(.order) == 3)
        }
    }

    @Test func `a watcher that joins during a read receives the order of a later read`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let first = try bench.watch()
            #expect(await first.next() == .version(1))
            let reading = bench.reads.willStop(.behind, .order)
            bench.live.changed(number)
            await reading.waitForArrival()
            // The read in progress has seen only the first version.
            try await bench.put(2)
            let second = try bench.watch()
            reading.release()
            await bench.reads.wait(for: 3, .order)
            var told = await second.next()
            if told == .version(1) { told = await second.next() }
            #expect(told == .version(2))
        }
    }

    @Test func `a slow watcher receives only the newest order`() async throws {
        try await withLiveBench { bench in
            let watch = try bench.watch()
            for version in 1...5 {
                try await bench.put(version)
                bench.live.changed(number)
                await bench.reads.wait(for: version, .order)
            }
            let beside = try bench.watch()
            while await beside.next() != .version(5) {}
            #expect(await watch.next() == .version(5))
        }
    }

    @Test func `a read for departed watchers does not reach later watchers`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let reading = bench.reads.willStop(.behind, .order)
            var early: LiveWatch? = try bench.watch()
            await reading.waitForArrival()
            #expect(early != nil)
            early = nil
            #expect(bench.live.count == 0)
            try await bench.put(2)
            let late = try bench.watch()
            #expect(await late.next() == .version(2))
            reading.release()
            await bench.reads.wait(for: 2, .order)
            try await bench.put(3)
            bench.live.changed(number)
            #expect(await late.next() == .version(3))
        }
    }

    @Test func `watchers are limited per order and in all, and a departure frees a place`() async throws {
        try await withLiveBench(LiveLimits(ofOneOrder: 2, inAll: 3)) { bench in
            var watches = [try bench.watch(), try bench.watch()]
            #expect(throws: LiveBench.NoPlace.self) { try bench.watch() }
            watches.append(try bench.watch(LiveBench.other))
            #expect(throws: LiveBench.NoPlace.self) { try bench.watch(LiveBench.other) }
            #expect(bench.live.count == 3)
            watches.removeFirst()
            watches.append(try bench.watch())
            #expect(throws: LiveBench.NoPlace.self) { try bench.watch() }
            watches.removeAll()
            #expect(bench.live.count == 0)
        }
    }

    @Test func `a failed read is reported to new watchers, and the others wait for the retry`()
        async throws
    {
        try await withLiveBench { bench in
            try await bench.put(1)
            let early = try bench.watch()
            #expect(await early.next() == .version(1))
            bench.reads.willFail(.order)
            let late = try bench.watch()
            #expect(await late.next() == .unreadable)
            try await bench.put(2)
            // Without any notification, the failed read is retried.
            _ = try await bench.live.lookForOthers()
            #expect(await early.next() == .version(2))
        }
    }

    @Test func `a heartbeat sends the order again without a read`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let watch = try bench.watch()
            #expect(await watch.next() == .version(1))
            bench.live.beat()
            #expect(await watch.next() == .beat(1))
            #expect(bench.reads.count(.order) == 1)
        }
    }

    @Test func `a watcher that has not taken the last heartbeat is disconnected at the next`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let cut = Mutex<[String]>([])
            let stuck = try bench.watch { cut.withLock { $0.append("stuck") } }
            #expect(await stuck.next() == .version(1))
            let reader = try bench.watch { cut.withLock { $0.append("reader") } }
            #expect(await reader.next() == .version(1))
            bench.live.beat()
            #expect(await reader.next() == .beat(1))
            #expect(cut.withLock { $0 } == [])
            // A message does not replace a heartbeat that was not taken.
            try await bench.put(2)
            bench.live.changed(number)
            #expect(await reader.next() == .version(2))
            bench.live.beat()
            #expect(cut.withLock { $0 } == ["stuck"])
        }
    }
}

/// Commits of other processes.
@Suite(.timeLimit(.minutes(2))) struct LiveOthersTests {
    @Test func `another process's commit is sent to the watchers`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let watch = try bench.watch()
            #expect(await watch.next() == .version(1))
            #expect(try await bench.live.lookForOthers() == 1, "before the first look others may have written unseen")
            let elsewhere = try SQLiteLedger(path: bench.path)
            try await bench.put(2, by: elsewhere)
            #expect(try await bench.live.lookForOthers() == 1)
            #expect(await watch.next() == .version(2))
        }
    }

    @Test func `news of another process's change are sent to the watchers at once`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let watch = try bench.watch()
            #expect(await watch.next() == .version(1))
            let running = Task { await bench.live.run() }
            let elsewhere = try SQLiteLedger(path: bench.path)
            for (version, change) in [(2, .orders([LiveBench.number])), (3, .any)] as [(Int, ForeignChange)] {
                try await bench.put(version, by: elsewhere)
                bench.others.tell(change)
                #expect(await watch.next() == .version(Int64(version)))
            }
            running.cancel()
            await running.value
        }
    }

    @Test func `without commits of other processes, no order is read`() async throws {
        try await withLiveBench { bench in
            try await bench.put(1)
            let watch = try bench.watch()
            #expect(await watch.next() == .version(1))
            _ = try await bench.live.lookForOthers()
            let before = bench.reads.count(.order)
            try await bench.put(2)
            for _ in 0..<3 { #expect(try await bench.live.lookForOthers() == 0) }
            #expect(bench.reads.count(.order) == before)
        }
    }

    @Test func `a read that failed after another process's commit is retried`() async throws {
        try await withLiveBench { bench in
            var watches: [(number: OrderNumber, watch: LiveWatch)] = []
            for name in ["order_1", "order_2", "order_3", "order_4"] {
                let number = OrderNumber(name)!
                try await bench.put(1, number)
                watches.append((number, try bench.watch(number)))
                #expect(await watches.last?.watch.next() == .version(1))
            }
            _ = try await bench.live.lookForOthers()
            let elsewhere = try SQLiteLedger(path: bench.path)
            for (number, _) in watches { try await bench.put(2, number, by: elsewhere) }
            bench.reads.willFail(.order)
            bench.reads.willFail(.order)
            _ = try await bench.live.lookForOthers()
            _ = try await bench.live.lookForOthers()
            for (_, watch) in watches { #expect(await watch.next() == .version(2)) }
        }
    }

    @Test func `without watchers, the database is not checked for other processes' commits`() async throws {
        try await withLiveBench { bench in
            _ = try await bench.live.lookForOthers()
            #expect(bench.others.count == 0)
            var watch: LiveWatch? = try bench.watch()
            #expect(await watch?.next() == .absent)
            _ = try await bench.live.lookForOthers()
            #expect(bench.others.count == 1)
            watch = nil
            _ = try await bench.live.lookForOthers()
            #expect(bench.others.count == 1)
        }
    }
}

/// The shutdown of the process.
@Suite(.timeLimit(.minutes(2))) struct LiveEndTests {
    /// Signals that the group is running.
    private struct Beginning: Service {
        let began: AsyncStream<Void>.Continuation

        func run() async throws {
            began.yield()
            try await gracefulShutdown()
        }
    }

    /// Runs the hub as a service until `body` ends it.
    private func ending(_ bench: LiveBench, _ body: (_ end: () async -> Void) async throws -> Void) async throws {
        let (beginnings, began) = AsyncStream<Void>.makeStream()
        let group = ServiceGroup(
            configuration: .init(services: [bench.live, Beginning(began: began)], logger: LiveBench.silence))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = beginnings.makeAsyncIterator()
            _ = await iterator.next()
            try await body { await group.triggerGracefulShutdown() }
            try await tasks.waitForAll()
        }
    }

    @Test func `at shutdown every stream ends, and new watchers are refused`() async throws {
        try await withLiveBench { bench in
            try await ending(bench) { end in
                var watch: LiveWatch? = try bench.watch()
                #expect(await watch?.next() == .absent)
                await end()
                #expect(await watch?.next() == .ended)
                guard case .ending = bench.live.watch(LiveBench.other, cut: {}) else {
                    Issue.record("somebody was taken")
                    return
                }
                watch = nil
            }
        }
    }

    @Test func `at shutdown a client that does not read is disconnected after a second`() async throws {
        try await withLiveBench { bench in
            let cut = Mutex(false)
            var stuck: LiveWatch?
            try await ending(bench) { end in
                stuck = try bench.watch { cut.withLock { $0 = true } }
                await end()
                await bench.clock.waitForSleepers()
                #expect(!cut.withLock { $0 })
                bench.clock.advance(by: .seconds(1))
            }
            #expect(cut.withLock { $0 })
            #expect(stuck != nil)
        }
    }

    @Test func `without watchers, the shutdown takes no time`() async throws {
        try await withLiveBench { bench in
            try await ending(bench) { end in await end() }
        }
    }
}
