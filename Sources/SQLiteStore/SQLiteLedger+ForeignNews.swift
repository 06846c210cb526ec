import LedgerSQL
package import PayCore
package import PayFlow
import Synchronization

extension SQLiteLedger: ForeignNews {
    /// Empty: SQLite has to be asked.
    package func changesOfOthers() -> AsyncStream<ForeignChange> { AsyncStream { $0.finish() } }

    package func changes(of watched: [OrderNumber]) async throws -> ForeignChange {
        let commits = try await commitsOfOthers()
        return knownCommits.withLock { known in
            defer { known = commits }
            // Before the first call, another process may have committed unnoticed.
            return known == commits ? .none : .any
        }
    }

    /// A number that changes with every commit of another process.
    ///
    /// SQLite counts, for each connection, the commits of all others. On the writer these are other processes' commits,
    /// because our own readers never commit.
    package func commitsOfOthers() async throws -> Int64 {
        try await onWriter { try $0.prepared(FileConnection.commitsOfOthers).first { $0.integer(0) } ?? 0 }
    }
}
