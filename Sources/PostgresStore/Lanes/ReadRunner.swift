import PayFlow

/// Runs reads on a connection of its own, and again on a new one if it is lost. Belongs to one thread at a time.
final class ReadRunner {
    private let connect: () throws -> any LaneConnection
    private let waits: LaneWaits
    private var connection: (any LaneConnection)?
    /// A read has ended whose transaction is still open.
    private var isInTransaction = false

    init(waits: LaneWaits, connect: @escaping () throws -> any LaneConnection) {
        self.connect = connect
        self.waits = waits
    }

    func close() {
        connection?.close()
        connection = nil
        isInTransaction = false
    }

    /// Runs `look`, whose statements see one snapshot. ``endRead()`` has to follow, behind the caller's answer.
    func read<Value>(
        arrivedAt arrival: ContinuousClock.Instant, _ look: (any LaneConnection) throws -> Value
    ) throws -> Value {
        try retry(arrivedAt: arrival) { connection in
            let begin = Query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            let transaction = LaneTransaction(connection, opening: [begin])
            defer { isInTransaction = transaction.hasBegun }
            return try look(transaction)
        }
    }

    /// Runs `look`, which makes one statement, without a transaction.
    func readOnce<Value>(
        arrivedAt arrival: ContinuousClock.Instant, _ look: (any LaneConnection) throws -> Value
    ) throws -> Value {
        try retry(arrivedAt: arrival, look)
    }

    /// Gives the snapshot back.
    func endRead() {
        guard isInTransaction else { return }
        isInTransaction = false
        do {
            try connection?.rollback()
        } catch {
            close()
        }
    }

    private func retry<Value>(
        arrivedAt arrival: ContinuousClock.Instant, _ look: (any LaneConnection) throws -> Value
    ) throws -> Value {
        var conflicts = 0
        var connections = 0
        while true {
            do {
                endRead()
                let connection = try self.connection ?? connect()
                self.connection = connection
                return try look(connection)
            } catch {
                switch Recovery(from: error, in: .working) {
                case .fail, .find, .lookUp, .markAnew: throw error
                case .unavailable(let reason): throw LedgerUnavailable(reason)
                case .again, .waitForLock:
                    conflicts += 1
                    // A read that takes seconds is not tried for long.
                    if conflicts > 2 { throw LedgerUnavailable(.busy) }
                    waits.sleep(waits.pause(beforeConflict: conflicts))
                case .reconnect:
                    close()
                    connections += 1
                    if waits.now() >= arrival + waits.reconnectLimit { throw LedgerUnavailable(.unreachable) }
                    waits.sleep(waits.pause(beforeConnection: connections))
                }
            }
        }
    }
}
