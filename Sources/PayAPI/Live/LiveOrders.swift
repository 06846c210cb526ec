package import Logging
import Metrics
package import PayCore
package import PayFlow
package import PayTelemetry
import ServiceLifecycle
import Synchronization

/// Tells those who watch an order how it stands: at once, and whenever it may have changed, by one read for all of them.
///
/// As a service it waits for the process to end, and ends every stream then: the server waits for them. It must be told
/// to stop when the server is, not after it.
package final class LiveOrders: LiveStatus, Service {
    /// How long a stream's last bytes may take when the process ends: a client that reads has them in milliseconds.
    private static let longestEnd = Duration.seconds(1)
    /// Reads at a time when others have written. There are five readers, and people wait for the rest.
    private static let lanes = 2

    private let ledger: any OrderReads
    private let others: any OtherWriters
    private let clock: any PayClock
    private let logger: Logger
    private static let metric = "paypage_live_streams"
    private let streams = Meter(label: LiveOrders.metric)
    private let topics: Mutex<LiveTopics>
    /// Told when a watcher leaves.
    private let leaving = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameter mostStreams: at once, of all orders; never more than ``LiveLimits/inAll``.
    package convenience init(
        ledger: any OrderReads, others: any OtherWriters, clock: any PayClock, logger: Logger, mostStreams: Int
    ) {
        var limits = LiveLimits()
        limits.inAll = min(limits.inAll, mostStreams)
        self.init(ledger: ledger, others: others, clock: clock, logger: logger, limits: limits)
    }

    package init(
        ledger: any OrderReads, others: any OtherWriters, clock: any PayClock, logger: Logger, limits: LiveLimits
    ) {
        self.ledger = ledger
        self.others = others
        self.clock = clock
        self.logger = logger
        topics = Mutex(LiveTopics(limits: limits))
    }

    /// Makes the metric known before the first stream.
    package static func declareMetric(on metrics: PrometheusMetrics) {
        metrics.declare(metric, .gauge, help: "Clients that follow an order's events now.", labels: [[]])
    }

    /// How many streams there are now.
    package var count: Int { topics.withLock { $0.watcherCount } }

    enum WatchOutcome {
        case watching(LiveWatch)
        case tooMany
        case ending
    }

    /// A place among those who watch the order. Its first news is read after this: nothing is missed between.
    ///
    /// - Parameter cut: breaks the client's connection.
    func watch(_ number: OrderNumber, cut: @escaping @Sendable () -> Void) -> WatchOutcome {
        let (news, inbox) = AsyncStream<LiveNews>.makeStream(bufferingPolicy: .bufferingNewest(1))
        switch topics.withLock({ $0.watch(number, .init(inbox: inbox, cut: cut)) }) {
        case .tooMany: return .tooMany
        case .ending: return .ending
        case .watching(let place, let reading):
            streams.increment()
            if let reading { Task { await read(reading) } }
            return .watching(LiveWatch(news: news, inbox: inbox) { [weak self] in self?.leave(place) })
        }
    }

    private func leave(_ place: LiveTopics.Place) {
        topics.withLock { $0.leave(place) }
        streams.decrement()
        leaving.continuation.yield()
    }

    package func changed(_ number: OrderNumber) {
        guard let reading = topics.withLock({ $0.begin(number) }) else { return }
        Task { await read(reading) }
    }

    /// Whether it could be read.
    @discardableResult
    private func read(_ reading: LiveTopics.Reading) async -> Bool {
        while true {
            let news = await news(of: reading.number)
            switch topics.withLock({ $0.finish(reading, news) }) {
            case .readAgain: continue
            case .done: return true
            case .failed: return false
            }
        }
    }

    private func news(of number: OrderNumber) async -> LiveNews {
        do {
            return try await ledger.order(number).map { .order($0, isBeat: false) } ?? .absent
        } catch {
            logger.warning(
                "order read for an event stream failed, will retry",
                metadata: ["order.no": "\(number)", "error": "\(error)"])
            return .unreadable(error)
        }
    }

    /// Tells everybody once more how their order stands, and cuts off those who don't read.
    package func beat() {
        for number in topics.withLock({ $0.numbers }) {
            for watcher in topics.withLock({ $0.beat(number) }) { watcher.cut() }
        }
    }

    /// Reads again what is watched if others have written, and what could not be read before. Returns how many.
    func lookForOthers() async throws -> Int {
        guard count > 0 else { return 0 }
        let changes = try await others.changesByOthers()
        let due = topics.withLock { $0.due(at: changes) }
        let areRead = await withTaskGroup { group in
            for lane in 0..<Self.lanes {
                let numbers = stride(from: lane, to: due.count, by: Self.lanes).map { due[$0] }
                group.addTask { [self] in await readAgain(numbers) }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        if areRead { topics.withLock { $0.haveSeen(changes) } }
        return due.count
    }

    /// One after the other. Whether all could be read: after one that couldn't, the others wait for the next look.
    private func readAgain(_ numbers: [OrderNumber]) async -> Bool {
        for number in numbers {
            guard let reading = topics.withLock({ $0.begin(number) }) else { continue }
            guard await read(reading), !Task.isCancelled else { return false }
        }
        return true
    }

    package func run() async {
        // Cancelled, the process ends too.
        try? await gracefulShutdown()
        topics.withLock { $0.end() }
        await withTaskGroup { group in
            group.addTask { [self] in
                while count > 0, !Task.isCancelled {
                    var leavings = leaving.stream.makeAsyncIterator()
                    _ = await leavings.next()
                }
            }
            group.addTask { [self] in try? await clock.sleep(for: Self.longestEnd) }
            await group.next()
            group.cancelAll()
        }
        for watcher in topics.withLock({ $0.watchers }) { watcher.cut() }
    }
}
