import HTTPTypes
import HummingbirdCore
package import Logging
import Metrics
package import NIOCore
package import PayAPI
package import PayTelemetry
package import Synchronization

/// Enforces the limits of all connections of one listener: timeouts, and which connections close when too many are
/// open.
package final class FrontDoor: AvailableConnectionsDelegate {
    package enum Ending: String, CaseIterable {
        case idle, slowRequest = "slow_request", unread, room
    }

    private static let openMetric = "paypage_http_connections"
    private static let closedMetric = "paypage_http_connections_closed_total"
    /// The fraction of the limit that is closed at once, so that a flood does not cause a search for each connection.
    private static let shareThatMakesRoom = 32
    /// In seconds.
    private static let pauseBetweenWarnings: UInt32 = 60

    package let limits: DoorLimits
    private let refused: @Sendable (Problem) -> RequestIdentifier
    private let logger: Logger
    /// Nil for a listener whose connections are not counted.
    private let openMeter: Meter?
    private let endings: [Ending: Counter]
    package let table = Mutex<[ObjectIdentifier: TrackedConnection]>([:])
    /// Counted when a connection is accepted, which is before it is tracked.
    private let open = Atomic<Int>(0)
    /// Seconds since the start, counted by ``tick()``. A change of the wall clock must not close connections.
    private let seconds = Atomic<UInt32>(0)
    private let nextWarning = Atomic<UInt32>(0)

    /// - Parameters:
    ///   - isCounted: whether the open connections are a metric. It is one of the process, so one door counts.
    ///   - log: gets a line for each request that the door refuses by itself; nil for none.
    package init(_ limits: DoorLimits, isCounted: Bool = true, log: AccessLog? = nil, logger: Logger) {
        openMeter = isCounted ? Meter(label: FrontDoor.openMetric) : nil
        self.limits = limits
        self.logger = logger
        endings = Dictionary(
            uniqueKeysWithValues: Ending.allCases.map {
                ($0, Counter(label: Self.closedMetric, dimensions: [("reason", $0.rawValue)]))
            })
        refused = { problem in
            let request = AnsweredRequest(
                id: RequestIdentifier(), method: "none", route: "none", status: problem.code.status.code, took: .zero)
            request.recorder.record(0)
            log?.tell(request)
            return request.id
        }
    }

    /// Declares the metrics before the first connection.
    package static func declareMetrics(on metrics: PrometheusMetrics) {
        metrics.declare(openMetric, .gauge, help: "Connections that are open now.", labels: [[]])
        metrics.declare(
            closedMetric, .counter, help: "Connections closed by the service, by the limit that ended them.",
            labels: PrometheusMetrics.combinations(of: [("reason", Ending.allCases.map(\.rawValue))]))
    }

    /// Called once the listener is open. The ticks continue as long as the door lives.
    package func begin(on listener: any Channel) async {
        do {
            try await listener.eventLoop.submit {
                // An accept that fails because of too many open files is retried a second later, not in a busy loop.
                try listener.pipeline.syncOperations.addHandler(
                    AcceptBackoffHandler(shouldForwardIOErrorCaught: false), position: .first)
            }.get()
        } catch {
            logger.warning("listener closed during start", metadata: ["error": "\(error)"])
        }
        listener.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] task in
            guard let self else { return task.cancel() }
            tick()
        }
    }

    /// The current second of the door's own count.
    package var now: UInt32 { seconds.load(ordering: .relaxed) }

    /// Called every second. Notifies the connections that have exceeded their time.
    package func tick() {
        let now = seconds.add(1, ordering: .relaxed).newValue
        let (all, over) = table.withLock { table in
            (table.count, table.values.filter { $0.state.isOver(at: now, limits) })
        }
        openMeter?.set(all)
        for connection in over { connection.channel.pipeline.fireUserInboundEventTriggered(DoorEvent.timeIsUp) }
        checkRoom()
    }

    // MARK: The table

    func enter(_ channel: any Channel) -> TrackedConnection {
        let connection = TrackedConnection(channel, at: now)
        table.withLock { $0[ObjectIdentifier(connection)] = connection }
        return connection
    }

    package func leave(_ connection: TrackedConnection) {
        _ = table.withLock { $0.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    package func ended(_ ending: Ending) {
        endings[ending]?.increment()
    }

    /// Counts and logs a refusal. Returns the id of its log line, for the response.
    package func note(_ problem: Problem) -> RequestIdentifier {
        refused(problem)
    }

    // MARK: Accepting

    package func connectionOpened() {
        open.add(1, ordering: .relaxed)
        checkRoom()
    }

    package func connectionClosed() {
        open.subtract(1, ordering: .relaxed)
    }

    package func isAcceptingNewConnections() -> Bool {
        open.load(ordering: .relaxed) < limits.connections
    }

    /// Called whenever another connection becomes eligible to be closed.
    func checkRoom() {
        if !isAcceptingNewConnections() { makeRoom() }
    }

    private func makeRoom() {
        let now = now
        let leaving = table.withLock { table -> [TrackedConnection] in
            let staying = table.values.filter { !$0.isLeaving.load(ordering: .relaxed) }
            let isLeaving = table.count - staying.count
            let needed = open.load(ordering: .relaxed) - limits.connections + 1 - isLeaving
            guard needed > 0 else { return [] }
            let candidates = staying.compactMap { connection in
                connection.state.order(at: now).map { (order: $0, connection: connection) }
            }
            let count = max(needed, limits.connections / Self.shareThatMakesRoom)
            let chosen = candidates.sorted { $0.order < $1.order }.prefix(count).map(\.connection)
            for connection in chosen { connection.isLeaving.store(true, ordering: .relaxed) }
            return chosen
        }
        for connection in leaving { connection.channel.pipeline.fireUserInboundEventTriggered(DoorEvent.makeRoom) }
        warn(now)
    }

    private func warn(_ now: UInt32) {
        let next = nextWarning.load(ordering: .relaxed)
        guard now >= next,
            nextWarning.compareExchange(
                expected: next, desired: now &+ Self.pauseBetweenWarnings, ordering: .relaxed
            ).exchanged
        else { return }
        logger.warning(
            "connection limit reached, closing idle connections",
            metadata: ["http.connections": .stringConvertible(limits.connections)])
    }
}

/// Events that the front door sends to its connections.
enum DoorEvent {
    /// The connection has exceeded the time limit of its phase.
    case timeIsUp
    /// The connection should close, because too many are open.
    case makeRoom
    /// A route reads the body of the request.
    case bodyIsWanted
}
