package import Logging
import Metrics
package import PayCore
package import PayFlow
package import PayTelemetry
import ServiceLifecycle
import Synchronization

/// Sends an order to all its watchers: at once, and whenever the order may have changed. One read serves all watchers
/// of an order.
///
/// As a service, it ends every stream at a graceful shutdown. The server waits for its streams, so this service must be
/// stopped at the same time as the server, not after it.
package final class LiveOrders: LiveStatus, Service {
    /// How long a stream's last bytes may take at shutdown. A client that reads takes milliseconds.
    private static let longestEnd = Duration.seconds(1)
    /// The number of concurrent reads after a change of another process. The other readers of the pool stay free for
    /// calls.
    private static let lanes = 2

    private let ledger: any OrderReads
    private let others: any ForeignNews
    private let clock: any PayClock
    private let logger: Logger
    private static let metric = "paypage_live_streams"
    private let streams = Meter(label: LiveOrders.metric)
    private let topics: Mutex<LiveTopics>
    /// Signals that a watcher has left.
    private let leaving = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameter mostStreams: the most open streams in all, capped at ``LiveLimits/inAll``.
    package convenience init(
        ledger: any OrderReads, others: any ForeignNews, clock: any PayClock, logger: Logger, mostStreams: Int
    ) {
        var limits = LiveLimits()
        limits.inAll = min(limits.inAll, mostStreams)
        self.init(ledger: ledger, others: others, clock: clock, logger: logger, limits: limits)
    }

    package init(
        ledger: any OrderReads, others: any ForeignNews, clock: any PayClock, logger: Logger, limits: LiveLimits
    ) {
        self.ledger = ledger
        self.others = others
        self.clock = clock
        self.logger = logger
        topics = Mutex(LiveTopics(limits: limits))
    }

    /// Declares the metric before the first stream.
    package static func declareMetric(on metrics: PrometheusMetrics) {
        metrics.declare(metric, .gauge, help: "Event streams that are open now.", labels: [[]])
    }

    /// The number of open streams.
    package var count: Int { topics.withLock { $0.watcherCount } }

    enum WatchOutcome {
        case watching(LiveWatch)
        case tooMany
        case ending
    }

    /// Registers a watcher of the order. The first message is read after the registration, so no change is missed.
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

    /// Returns whether the order could be read.
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

    /// Sends a heartbeat to every watcher, and disconnects clients that do not read.
    package func beat() {
        for number in topics.withLock({ $0.numbers }) {
            for watcher in topics.withLock({ $0.beat(number) }) { watcher.cut() }
        }
    }

    /// Ends the open streams, so that their clients connect again and prove who they are.
    package func reconnectAll() {
        topics.withLock { $0.endBegun() }
    }

    /// Rereads the watched orders that another process may have changed, and retries failed reads. Returns the number
    /// of orders.
    @discardableResult
    func lookForOthers() async throws -> Int {
        let watched = topics.withLock { $0.numbers }
        guard !watched.isEmpty else { return 0 }
        return await readAgain(after: try await others.changes(of: watched))
    }

    /// Rereads the orders as soon as the store hears of changes of others.
    private func hearOfOthers() async {
        for await change in others.changesOfOthers() { await readAgain(after: change) }
    }

    @discardableResult
    private func readAgain(after change: ForeignChange) async -> Int {
        let due = topics.withLock { $0.due(after: change) }
        await withTaskGroup { group in
            for lane in 0..<Self.lanes {
                let numbers = stride(from: lane, to: due.count, by: Self.lanes).map { due[$0] }
                group.addTask { [self] in await readAgain(numbers) }
            }
        }
        return due.count
    }

    /// Reads the orders one after the other, until the first failure. The remaining orders wait for the next run.
    private func readAgain(_ numbers: [OrderNumber]) async {
        for number in numbers {
            guard let reading = topics.withLock({ $0.begin(number) }) else { continue }
            guard await read(reading), !Task.isCancelled else { return }
        }
    }

    package func run() async {
        await withTaskGroup { group in
            group.addTask { [self] in await hearOfOthers() }
            // A cancellation also means that the process ends.
            try? await gracefulShutdown()
            group.cancelAll()
        }
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
