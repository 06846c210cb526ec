package import PayCore

/// A ledger over either database. A store says how a read and a write run; the operations of the ports are the same.
package protocol SQLLedger: Sendable {
    /// A point lookup of few statements, which see one snapshot.
    func find<Value: Sendable>(_ look: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value

    /// Several statements, which see one snapshot. May take long.
    func read<Value: Sendable>(_ look: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value

    /// One transaction, which returns after its commit. The work may run more than once: it must only decide and write.
    /// Not cancelled with the caller's task.
    func write<Value: Sendable>(
        _ scope: WriteScope, _ work: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value
}

/// The rows that a transaction locks before it reads anything, in a database with several writers.
package enum WriteScope: Hashable, Sendable {
    /// The row of an order, which stands for everything that belongs to the order.
    case order(OrderNumber)
    /// A kind of work that runs once at a time in all processes.
    case work(SerialWork)
    /// The same, which shares no commit with a decision because it may take long.
    case longWork(SerialWork)
    /// Nothing: the statements decide by themselves.
    case statements
}

/// Work that runs once at a time in all processes, each under a row of its own.
package enum SerialWork: String, CaseIterable, Sendable {
    case channels
    case operators
    case outbox
    case reconciliation
    case purge
    case restore
}
