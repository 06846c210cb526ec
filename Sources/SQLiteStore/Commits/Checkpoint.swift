import GRDB

/// Copies the WAL into the database file.
enum Checkpoint {
    /// Copies all of it and empties the WAL, and so waits for readers as long as the connection waits for a lock. Without a
    /// WAL there is nothing to do.
    static func truncate(_ db: Database) -> ClosedDatabase {
        do {
            _ = try db.checkpoint(.truncate)
            return .whole
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return isCopied(db) ? .whole : .needsWAL(because: "another process reads or writes the database")
        } catch {
            return .needsWAL(because: "\(error)")
        }
    }

    /// Whether everything was copied, though the WAL could not be emptied.
    private static func isCopied(_ db: Database) -> Bool {
        guard let counts = try? db.checkpoint(.passive) else { return false }
        return counts.walFrameCount == counts.checkpointedFrameCount
    }
}
