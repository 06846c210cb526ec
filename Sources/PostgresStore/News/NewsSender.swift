import Dispatch
import PayCore
import Synchronization

/// Tells the other processes which orders this one has changed, behind the commits and in transactions of their own. A
/// notification within a transaction that writes would make every commit wait for the one before it.
///
/// News may be lost. Nothing rests on them.
final class NewsSender: Sendable {
    /// The time for each notification, on the average. More orders come together meanwhile.
    static let interval = Duration.milliseconds(5)
    /// A few notifications are sent at once.
    static let lead = interval * 10
    /// Without a server, older news are dropped: each listener reads all orders again when it connects.
    static let mostWaiting = 10_000

    private let node: String
    private let waits: LaneWaits
    private let queue = DispatchQueue(label: "paypage.news", qos: .userInitiated)
    private let state = Mutex(State())
    private let line: Line
    private let pace = Mutex(Pace(interval: interval, lead: lead))

    private struct State {
        var waiting: Set<OrderNumber> = []
        var isAtWork = false
        var isClosed = false
    }

    /// Used on the queue alone.
    private final class Line: @unchecked Sendable {
        private let connect: @Sendable () throws -> any LaneConnection
        private var connection: (any LaneConnection)?

        init(_ connect: @escaping @Sendable () throws -> any LaneConnection) { self.connect = connect }

        func close() {
            connection?.close()
            connection = nil
        }

        func send(_ text: String) {
            do {
                let connection = try self.connection ?? connect()
                self.connection = connection
                _ = try connection.query(Query("SELECT pg_notify($1, $2)", [.text(NewsText.channel), .text(text)]))
            } catch {
                close()
            }
        }
    }

    init(node: String, waits: LaneWaits, connect: @escaping @Sendable () throws -> any LaneConnection) {
        self.node = node
        self.waits = waits
        line = Line(connect)
    }

    /// Returns at once.
    func changed(_ number: OrderNumber) {
        let starts = state.withLock { state in
            guard !state.isClosed, state.waiting.count < Self.mostWaiting else { return false }
            state.waiting.insert(number)
            defer { state.isAtWork = true }
            return !state.isAtWork
        }
        if starts { queue.async { self.work() } }
    }

    /// Sends what waits, and closes the connection. Blocks.
    func close() {
        state.withLock { $0.isClosed = true }
        queue.sync { line.close() }
    }

    private func work() {
        while let numbers = take() {
            pace.withLock { $0.begin(at: waits.now()) }
            var rest = numbers[...]
            while !rest.isEmpty {
                line.send(NewsText.text(of: rest.prefix(NewsText.mostNumbers), by: node))
                rest = rest.dropFirst(NewsText.mostNumbers)
            }
            waits.sleep(pace.withLock { $0.pause(at: waits.now()) })
        }
    }

    private func take() -> [OrderNumber]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isAtWork = false
                return nil
            }
            defer { state.waiting = [] }
            return Array(state.waiting)
        }
    }
}
