import PayCore
import PayFlow

/// Runs transactions on a connection of its own. It makes the connection, repeats what met another transaction or an
/// outage, and finds out the outcome of a commit whose answer was lost. Belongs to one thread at a time.
///
/// A transaction's work may run several times: it only decides.
package final class TransactionRunner {
    private let connect: () throws -> any LaneConnection
    let waits: LaneWaits
    private var lane: Lane?

    private struct Lane {
        let connection: any LaneConnection
        var marks: CommitMarks
    }

    package init(waits: LaneWaits = LaneWaits(), connect: @escaping () throws -> any LaneConnection) {
        self.connect = connect
        self.waits = waits
    }

    package func close() {
        lane?.connection.close()
        lane = nil
    }

    /// One try of a transaction.
    enum Attempt<Value> {
        case done(Value)
        /// Nothing is stored, except perhaps behind `outcomeUnknown`.
        case failed(any Error, Recovery)
    }

    /// Tries the transaction once. A lost commit is looked up. The next try is the caller's, after ``prepare(for:)``.
    func attempt<Value>(
        arrivedAt arrival: ContinuousClock.Instant, locking orders: [String],
        _ work: (LaneTransaction) throws -> Value
    ) -> Attempt<Value> {
        let transaction: LaneTransaction
        let marks: CommitMarks
        do {
            (transaction, marks) = try begin(locking: orders)
        } catch {
            return .failed(error, Recovery(from: error, in: .working))
        }
        let value: Value
        do {
            value = try work(transaction)
        } catch {
            end(transaction)
            return .failed(error, Recovery(from: error, in: .working))
        }
        guard transaction.hasWritten else {
            end(transaction)
            return .done(value)
        }
        do {
            try transaction.commit()
            return .done(value)
        } catch {
            let recovery = Recovery(from: error, in: .committing)
            guard recovery == .lookUp else {
                end(transaction)
                return .failed(error, recovery)
            }
            close()
            switch lookUp(marks, arrivedAt: arrival) {
            case .committed: return .done(value)
            case .rolledBack: return .failed(error, .reconnect)
            case .unknown:
                let outage = LedgerUnavailable(.outcomeUnknown)
                return .failed(outage, .unavailable(outage.reason))
            }
        }
    }

    /// The rows of an order are read and changed under the lock of the order's own row. Locked in the order of their
    /// numbers, transactions of several orders can't wait for each other.
    private static let locking = """
        SELECT 1 FROM orders WHERE number = ANY ($1::text[]) ORDER BY number FOR NO KEY UPDATE
        """

    private func begin(locking orders: [String]) throws -> (LaneTransaction, CommitMarks) {
        var lane = try self.lane ?? open()
        var opening = [Query("BEGIN"), lane.marks.next()]
        if !orders.isEmpty { opening.append(Query(Self.locking, [.texts(orders.sorted())])) }
        self.lane = lane
        return (LaneTransaction(lane.connection, opening: opening), lane.marks)
    }

    private func open() throws -> Lane {
        let lane = Lane(connection: try connect(), marks: CommitMarks())
        // Each connection leaves its row behind. A new one removes those of connections that ended long ago.
        _ = try lane.connection.pipeline([lane.marks.making, CommitMarks.purge])
        return lane
    }

    /// Takes back what the transaction did. A connection on which that fails is of no more use.
    private func end(_ transaction: LaneTransaction) {
        do {
            try transaction.rollback()
        } catch {
            close()
        }
    }

    private func lookUp(_ marks: CommitMarks, arrivedAt arrival: ContinuousClock.Instant) -> CommitMarks.Outcome {
        let end = max(arrival + waits.reconnectLimit, waits.now() + waits.lookUpLimit)
        var tries = 0
        while true {
            tries += 1
            waits.sleep(waits.pause(beforeConnection: tries))
            do {
                let connection = try connect()
                defer { connection.close() }
                // Its own commit is behind the lost one: if a standby has this, it has both.
                let rows = try connection.commit([Query("BEGIN"), marks.asking])
                return marks.outcome(rows[1])
            } catch {
                if waits.now() >= end { return .unknown }
            }
        }
    }

    /// The number of tries of one transaction, by what came between.
    struct Tries {
        fileprivate var conflicts = 0
        fileprivate var finds = 0
        fileprivate var connections = 0
    }

    /// The step between two tries. Throws the caller's error if there is no other try.
    func prepare(
        for recovery: Recovery, from error: any Error, arrivedAt arrival: ContinuousClock.Instant, _ tries: inout Tries
    ) throws {
        switch recovery {
        case .fail, .lookUp: throw error
        case .unavailable(let reason): throw LedgerUnavailable(reason)
        case .find:
            tries.finds += 1
            if tries.finds > 1 { throw error }
        case .again, .markAnew:
            if recovery == .markAnew { close() }
            tries.conflicts += 1
            if tries.conflicts > LaneWaits.conflicts { throw LedgerUnavailable(.busy) }
            waits.sleep(waits.pause(beforeConflict: tries.conflicts))
        case .waitForLock:
            if waits.now() >= arrival + waits.lockLimit { throw LedgerUnavailable(.busy) }
        case .reconnect:
            close()
            tries.connections += 1
            if waits.now() >= arrival + waits.reconnectLimit { throw LedgerUnavailable(Self.outage(behind: error)) }
            waits.sleep(waits.pause(beforeConnection: tries.connections))
        }
    }

    private static func outage(behind error: any Error) -> LedgerUnavailable.Reason {
        (error as? PostgresFailure)?.sqlState == .readOnlyTransaction ? .notPrimary : .unreachable
    }

    /// Another transaction holds a lock, and this one is not the lane that waits for it.
    struct Locked: Error {}

    /// Runs the transaction until its outcome is known. Returns after the commit.
    ///
    /// - Parameter waitsForLocks: whether to try again for a lock, until ``LaneWaits/lockLimit``. Throws ``Locked``
    ///   otherwise.
    func run<Value>(
        arrivedAt arrival: ContinuousClock.Instant, locking orders: [String] = [], waitsForLocks: Bool = true,
        _ work: (LaneTransaction) throws -> Value
    ) throws -> Value {
        var tries = Tries()
        while true {
            switch attempt(arrivedAt: arrival, locking: orders, work) {
            case .done(let value): return value
            case .failed(_, .waitForLock) where !waitsForLocks: throw Locked()
            case .failed(let error, let recovery):
                try prepare(for: recovery, from: error, arrivedAt: arrival, &tries)
            }
        }
    }
}
