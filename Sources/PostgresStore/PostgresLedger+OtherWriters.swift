import LedgerSQL
import PayFlow

extension PostgresLedger: OtherWriters {
    /// The number of transactions that have begun, those of this process among them.
    package func changesByOthers() async throws -> Int64 {
        try await read { db in
            try db.prepared("SELECT pg_snapshot_xmax(pg_current_snapshot())").first { $0.integer(0) } ?? 0
        }
    }
}
