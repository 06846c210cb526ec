import Foundation
package import PayFlow
import Synchronization

/// Watches over the primary: commits a heartbeat every 250 ms, on a connection and a thread of its own.
package final class PrimaryWatch: Sendable {
    private let node: String
    private let durability: Durability
    private let connect: @Sendable (SessionSettings) throws -> any LaneConnection
    private let state = Mutex(PrimaryState())
    private let unconfirmedCommits = Atomic(0)
    private let isClosed = Atomic(false)
    private let wakes = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// Begins at once.
    ///
    /// - Parameter connect: makes a connection to the server. Called on the watch's thread and on those of the lanes.
    package init(
        node: String, _ durability: Durability,
        connect: @escaping @Sendable (SessionSettings) throws -> any LaneConnection
    ) {
        self.node = node
        self.durability = durability
        self.connect = connect
        Thread.detachNewThread { [self] in
            run()
            ended.signal()
        }
    }

    /// Ends the heartbeats, and deletes their row. Blocks.
    package func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        wakes.signal()
        ended.wait()
    }

    /// A connection of a lane. Waits for the end of a new primary's silence. Blocks.
    package func connection(_ settings: SessionSettings) throws -> any LaneConnection {
        let connection = try connect(settings)
        // With one server there is no other primary. A hoster keeps an old one from answering.
        guard durability == .replicated else { return connection }
        let server = try ServerIdentity(connection, timeline: true)
        try PrimaryTerm.wait(for: server, on: connection) { Thread.sleep(forTimeInterval: $0 / .seconds(1)) }
        return WatchedConnection(connection, server, self)
    }

    /// Throws if the answer of the server must not be believed.
    func confirm(_ server: ServerIdentity) throws {
        let now = ContinuousClock.now
        let (isBelieved, verdict) = state.withLock { ($0.believes(server, at: now), $0.clockVerdict) }
        if verdict == .tooFar { throw LedgerUnavailable(.clockDiffers) }
        guard isBelieved else {
            throw PostgresFailure(
                sqlState: .readOnlyTransaction, message: "the server is not known to be the primary")
        }
    }

    /// Throws if nothing can be decided now. The readiness check.
    package func check() throws(LedgerUnavailable) {
        if let reason = state.withLock({ $0.outage(at: .now) }) { throw LedgerUnavailable(reason) }
    }

    /// Notes a commit that the server ended with a warning: no standby may have it.
    func sawUnconfirmedCommit() { unconfirmedCommits.wrappingAdd(1, ordering: .relaxed) }

    /// The numbers for metrics and the log.
    package var report: PrimaryReport {
        state.withLock { state in
            PrimaryReport(
                beatAge: state.age(at: .now), clockOffset: state.clock?.offset, clockVerdict: state.clockVerdict,
                unconfirmedCommits: unconfirmedCommits.load(ordering: .relaxed))
        }
    }

    private func run() {
        var heart: Heart?
        while !isClosed.load(ordering: .relaxed) {
            let next = ContinuousClock.now + PrimaryState.beatEvery
            do {
                let beating = try heart ?? Heart(node: node, connect(SessionSettings()), durability)
                heart = beating
                let beat = try beating.beat()
                state.withLock { $0.completed(beat) }
            } catch {
                heart?.close()
                heart = nil
            }
            let pause = max(.zero, next - .now) / .seconds(1)
            _ = wakes.wait(timeout: .now() + pause)
        }
        heart?.stop()
    }
}

/// The last heartbeat and the clocks, for an operator.
package struct PrimaryReport: Hashable, Sendable {
    /// Nil before the first heartbeat.
    package let beatAge: Duration?
    /// The server's clock less this machine's, in milliseconds.
    package let clockOffset: Int64?
    package let clockVerdict: ClockVerdict
    /// The commits since the start that the server ended with a warning. Their outcome was looked up.
    package let unconfirmedCommits: Int

    package init(
        beatAge: Duration?, clockOffset: Int64?, clockVerdict: ClockVerdict, unconfirmedCommits: Int = 0
    ) {
        self.beatAge = beatAge
        self.clockOffset = clockOffset
        self.clockVerdict = clockVerdict
        self.unconfirmedCommits = unconfirmedCommits
    }

    /// Whether the last heartbeat is recent enough to believe its server.
    package var isKnown: Bool { beatAge.map { $0 < PrimaryState.belief } ?? false }
}

/// The connection of the heartbeats.
private final class Heart {
    /// A process that was killed leaves its row.
    private static let forgetting = "DELETE FROM node_beats WHERE at < clock_timestamp() - interval '1 day'"
    private static let beating = """
        INSERT INTO node_beats (node, at) VALUES ($1, clock_timestamp())
        ON CONFLICT (node) DO UPDATE SET at = excluded.at
        RETURNING \(ServerTime.expression)
        """

    private let node: String
    private let connection: any LaneConnection
    private let server: ServerIdentity

    init(node: String, _ connection: any LaneConnection, _ durability: Durability) throws {
        self.node = node
        self.connection = connection
        server = try ServerIdentity(connection, timeline: durability == .replicated)
        _ = try connection.commit([Query("BEGIN"), Query(Self.forgetting)])
    }

    func beat() throws -> PrimaryState.Beat {
        let beganAt = ContinuousClock.now
        let before = Date()
        let rows = try connection.pipeline([Query("BEGIN"), Query(Self.beating, [.text(node)])])
        let roundTrip = (ContinuousClock.now - beganAt) / .milliseconds(1)
        _ = try connection.commit([])
        let middle = before.timeIntervalSince1970 * 1_000 + roundTrip / 2
        return PrimaryState.Beat(
            server: server, beganAt: beganAt, clockOffset: rows[1][0].integer(0) - Int64(middle.rounded()),
            clockError: Int64(roundTrip / 2) + 1)
    }

    func close() { connection.close() }

    /// The row of a process that ended well says nothing any more.
    func stop() {
        _ = try? connection.commit([Query("BEGIN"), Query("DELETE FROM node_beats WHERE node = $1", [.text(node)])])
        connection.close()
    }
}
