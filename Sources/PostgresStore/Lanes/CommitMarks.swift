#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A connection's row in `commit_marks`. Every transaction of the connection sets its own number there first: if the
/// answer to its COMMIT is lost, the number tells on another connection, and after a failover, whether it was
/// committed.
struct CommitMarks {
    private let lane = UUID().uuidString
    /// The number of the connection's last transaction.
    private(set) var last: Int64 = 0

    var making: Query {
        Query("INSERT INTO commit_marks (lane, term, mark) VALUES ($1::uuid, 0, 0)", [.text(lane)])
    }

    mutating func next() -> Query {
        last += 1
        return Query("SELECT mark_commit($1::uuid, 0, $2)", [.text(lane), .integer(last)])
    }

    /// Waits for a transaction that is still under way, and keeps one that isn't over from ever committing.
    var asking: Query {
        Query("UPDATE commit_marks SET term = term + 1 WHERE lane = $1::uuid RETURNING mark", [.text(lane)])
    }

    enum Outcome: Hashable { case committed, rolledBack, unknown }

    /// - Parameter answer: the rows of `asking`.
    func outcome(_ answer: Rows) -> Outcome {
        // The row of a lane that is in use never vanishes, except by a restored backup.
        guard answer.count == 1 else { return .unknown }
        return answer[0].integer(0) == last ? .committed : .rolledBack
    }

    /// Removes some rows of connections that ended long ago. Rows that others remove are skipped.
    static let purge = Query(
        """
        DELETE FROM commit_marks WHERE lane IN (
            SELECT lane FROM commit_marks WHERE used_at < now() - interval '1 day' LIMIT 100
            FOR UPDATE SKIP LOCKED
        )
        """)
}
