import LedgerSQL
import PayFlow

extension SQLiteLedger: OtherWriters {
    /// SQLite counts, for each connection, the commits of all others. On the writer these are other processes' commits,
    /// because our own readers never commit.
    package func changesByOthers() async throws -> Int64 {
        try await onWriter { try $0.prepared("PRAGMA data_version").first { $0.integer(0) } ?? 0 }
    }
}
