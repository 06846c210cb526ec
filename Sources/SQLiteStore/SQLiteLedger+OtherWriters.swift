public import PayFlow

extension SQLiteLedger: OtherWriters {
    /// SQLite counts the commits of other connections for each connection. Asked on the writer, because our own readers
    /// never commit: what it counts there is other processes'.
    public func changesByOthers() async throws -> Int64 {
        try await onWriter { try $0.prepared("PRAGMA data_version").first { $0.integer(0) } ?? 0 }
    }
}
