package import PayCore

/// The rows that a write changes, and the lanes that it belongs to.
package struct LaneScope: Sendable {
    enum Kind { case orders, clock }

    let kind: Kind
    /// The numbers of the orders whose rows are locked before the write begins.
    let locking: [String]
    /// Names of what no two writes of this process work on at once.
    let touching: [String]

    /// A write of one order for a merchant, a buyer or a provider.
    ///
    /// - Parameter keys: other things than the order that this process changes once at a time, such as an idempotency
    ///   key.
    package static func order(_ number: OrderNumber, keys: [String] = []) -> LaneScope {
        LaneScope(kind: .orders, locking: [number.text], touching: [number.text] + keys)
    }

    /// A write for the clock or for people. It waits behind others of its kind alone.
    package static func clock(locking orders: [OrderNumber] = []) -> LaneScope {
        LaneScope(kind: .clock, locking: orders.map(\.text), touching: [])
    }

    /// A short write without an order.
    package static let brief = LaneScope(kind: .orders, locking: [], touching: [])
}

/// A transaction with its caller.
struct LaneJob: Sendable {
    let scope: LaneScope
    let arrival: ContinuousClock.Instant
    /// The same as ``run``, for a transaction with others; nil for a job that runs alone.
    var batched: BatchedDecision?
    /// Runs the transaction and answers the caller, except behind ``TransactionRunner/Locked``, which it throws.
    let run: @Sendable (_ runner: TransactionRunner, _ waitsForLocks: Bool) throws(TransactionRunner.Locked) -> Void
    let fail: @Sendable (any Error) -> Void

    init<Value: Sendable>(
        _ scope: LaneScope, arrivedAt arrival: ContinuousClock.Instant,
        _ work: @escaping @Sendable (any LaneConnection) throws -> Value,
        for caller: CheckedContinuation<Value, any Error>
    ) {
        self.scope = scope
        self.arrival = arrival
        run = { (runner, waitsForLocks) throws(TransactionRunner.Locked) in
            let value: Value
            do {
                value = try runner.run(
                    arrivedAt: arrival, locking: scope.locking, waitsForLocks: waitsForLocks, work)
            } catch let locked as TransactionRunner.Locked {
                throw locked
            } catch {
                caller.resume(throwing: error)
                return
            }
            caller.resume(returning: value)
        }
        fail = { caller.resume(throwing: $0) }
    }
}
