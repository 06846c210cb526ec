import HTTPTypes
public import HummingbirdCore
public import Logging
import Metrics
public import NIOCore
import Synchronization

/// The rules of every connection of one listener: how long it may take, and which ones make room when too many are open.
public final class FrontDoor: AvailableConnectionsDelegate {
    enum Ending: String, CaseIterable {
        case idle, slowRequest = "slow_request", unread, room
    }

    static let openMetric = "paypage_http_connections"
    static let closedMetric = "paypage_http_connections_closed_total"
    /// The share of the limit that makes room at a time, so that a flood doesn't search the table for each connection.
    private static let shareThatMakesRoom = 32
    /// In seconds.
    private static let pauseBetweenWarnings: UInt32 = 60

    let limits: DoorLimits
    private let refused: @Sendable (Problem) -> RequestID
    private let logger: Logger
    private let openMeter = Meter(label: FrontDoor.openMetric)
    private let endings: [Ending: Counter]
    let seats = Mutex<[ObjectIdentifier: Seat]>([:])
    /// Counted where connections are accepted, before they have a seat.
    private let open = Atomic<Int>(0)
    /// Seconds since the start, counted by ``tick()``. A wall clock that is set must close no connection.
    private let seconds = Atomic<UInt32>(0)
    private let nextWarning = Atomic<UInt32>(0)

    /// - Parameter log: has a line for each request that the door refuses by itself. Nil for none.
    public init(_ limits: DoorLimits, log: AccessLog? = nil, logger: Logger) {
        self.limits = limits
        self.logger = logger
        endings = Dictionary(
            uniqueKeysWithValues: Ending.allCases.map {
                ($0, Counter(label: Self.closedMetric, dimensions: [("reason", $0.rawValue)]))
            })
        refused = { problem in
            let request = AnsweredRequest(
                id: RequestID(), method: "none", route: "none", status: problem.code.status.code, took: .zero)
            Recorder(label: Journal.metric, dimensions: request.dimensions).record(0)
            log?.tell(request)
            return request.id
        }
    }

    /// Called once the listener is open. The door's clock runs as long as the door lives.
    public func begin(on listener: any Channel) async {
        do {
            try await listener.eventLoop.submit {
                // An accept that fails for want of open files is retried a second later, not at once and for ever.
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

    /// The current second, by the door's own count.
    var now: UInt32 { seconds.load(ordering: .relaxed) }

    /// A second has passed: connections whose time is over are told.
    func tick() {
        let now = seconds.add(1, ordering: .relaxed).newValue
        let (all, over) = seats.withLock { seats in
            (seats.count, seats.values.filter { $0.state.isOver(at: now, limits) })
        }
        openMeter.set(all)
        for seat in over { seat.channel.pipeline.fireUserInboundEventTriggered(DoorEvent.timeIsUp) }
        checkRoom()
    }

    // MARK: The table

    func enter(_ channel: any Channel) -> Seat {
        let seat = Seat(channel, at: now)
        seats.withLock { $0[ObjectIdentifier(seat)] = seat }
        return seat
    }

    func leave(_ seat: Seat) {
        _ = seats.withLock { $0.removeValue(forKey: ObjectIdentifier(seat)) }
    }

    func ended(_ ending: Ending) {
        endings[ending]?.increment()
    }

    /// Counts and logs a refusal. Returns the id by which its answer can be found in the log.
    func note(_ problem: Problem) -> RequestID {
        refused(problem)
    }

    // MARK: Accepting

    public func connectionOpened() {
        open.add(1, ordering: .relaxed)
        checkRoom()
    }

    public func connectionClosed() {
        open.subtract(1, ordering: .relaxed)
    }

    public func isAcceptingNewConnections() -> Bool {
        open.load(ordering: .relaxed) < limits.connections
    }

    /// Called whenever a connection may make room that could not before.
    func checkRoom() {
        if !isAcceptingNewConnections() { makeRoom() }
    }

    private func makeRoom() {
        let now = now
        let leaving = seats.withLock { seats -> [Seat] in
            let staying = seats.values.filter { !$0.isLeaving.load(ordering: .relaxed) }
            let isLeaving = seats.count - staying.count
            let needed = open.load(ordering: .relaxed) - limits.connections + 1 - isLeaving
            guard needed > 0 else { return [] }
            let candidates = staying.compactMap { seat in
                seat.state.order(at: now).map { (order: $0, seat: seat) }
            }
            let count = max(needed, limits.connections / Self.shareThatMakesRoom)
            let chosen = candidates.sorted { $0.order < $1.order }.prefix(count).map(\.seat)
            for seat in chosen { seat.isLeaving.store(true, ordering: .relaxed) }
            return chosen
        }
        for seat in leaving { seat.channel.pipeline.fireUserInboundEventTriggered(DoorEvent.makeRoom) }
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
            metadata: ["http.connections": "\(limits.connections)"])
    }
}

/// Events that the front door sends to its connections.
enum DoorEvent {
    /// The connection has been in its phase for too long.
    case timeIsUp
    /// Other connections need its place.
    case makeRoom
    /// A route wants the body of the request.
    case bodyIsWanted
}
