import CSQLite
import PayFlow

/// Copies the WAL into the database file.
enum Checkpoint {
    /// Copies all of the WAL and empties it, and so waits for readers as long as the connection waits for a lock. The
    /// file is whole too if everything was copied but the WAL could not be emptied.
    static func truncate(_ db: FileConnection) -> ClosedDatabase {
        do {
            try db.checkpointAndEmpty()
            return .whole
        } catch let error where SQLiteFailure(error)?.code == SQLITE_BUSY {
            return (try? db.checkpoint()) == true
                ? .whole : .needsWAL(because: "another process reads or writes the database")
        } catch {
            return .needsWAL(because: "\(error)")
        }
    }
}
