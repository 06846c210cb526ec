import Foundation
package import LedgerSQL
package import PayFlow

/// The ledger in a PostgreSQL database, which any number of processes on any number of hosts share.
///
/// The row of an order is the lock of everything that belongs to the order: a write locks the row before it reads.
package final class PostgresLedger: SQLLedger, Store {
    let lanes: PostgresLanes

    /// Makes no connection: each is made with its first use.
    package init(_ address: ServerAddress, _ counts: PostgresLanes.Counts = PostgresLanes.Counts()) {
        lanes = PostgresLanes(address, counts)
    }

    package func find<Value: Sendable>(
        _ look: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await lanes.find(look)
    }

    package func read<Value: Sendable>(
        _ look: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await lanes.read(look)
    }

    package func write<Value: Sendable>(
        _ scope: WriteScope, _ work: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        switch scope {
        case .order(let number):
            try await lanes.write(.order(number), work)
        case .statements:
            try await lanes.write(.brief, work)
        case .work(let kind), .longWork(let kind):
            try await lanes.write(.clock()) { db in
                try kind.lock(db)
                return try work(db)
            }
        }
    }

    package func checkAddress() throws(LedgerUnavailable) {}

    /// A write of a row of this process, which a standby has to confirm like any other.
    package func checkWritable() async throws {
        try await write(.statements) { db in
            try db.prepared(
                """
                INSERT INTO readiness (id, writes) VALUES (1, 1)
                ON CONFLICT (id) DO UPDATE SET writes = readiness.writes % 1000000 + 1
                """
            ).run()
        }
    }

    @discardableResult
    package func close() async throws -> ClosedDatabase {
        await withCheckedContinuation { closed in
            Thread.detachNewThread { [lanes] in
                lanes.close()
                closed.resume()
            }
        }
        return .whole
    }
}

extension SerialWork {
    /// Waits until no other transaction of any process does this work. The lock ends with the transaction.
    fileprivate func lock(_ db: any Connection) throws {
        let locking = "SELECT name FROM row_locks WHERE name = ? FOR UPDATE"
        guard try db.prepared(locking).first([rawValue], { _ in true }) == nil else { return }
        try db.prepared("INSERT INTO row_locks (name) VALUES (?) ON CONFLICT (name) DO NOTHING").run([rawValue])
        _ = try db.prepared(locking).first([rawValue]) { _ in true }
    }
}
