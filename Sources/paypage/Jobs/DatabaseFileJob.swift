import PayFlow
import SQLiteStore
import Synchronization

extension ClockJob {
    /// Checks every second whether the database's path still leads to the open file, so that reads and cached pages
    /// stop too. A commit makes the same check. The job fails once when the file is gone, which logs one line.
    static func databaseFile(_ ledger: SQLiteLedger) -> ClockJob {
        let isTold = Atomic(false)
        return ClockJob("database", every: soon) { _ in
            do throws(LedgerUnavailable) {
                try ledger.checkFile()
                isTold.store(false, ordering: .relaxed)
            } catch {
                if !isTold.exchange(true, ordering: .relaxed) { throw error }
            }
            return NothingToReport()
        }
    }
}
