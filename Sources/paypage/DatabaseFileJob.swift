import PayFlow
import PayServer
import SQLiteStore
import Synchronization

extension ClockJob {
    /// Looks each second whether the database's path still leads to the open file, so that reads and cached pages stop too.
    /// A commit looks by itself. The job fails once when the file is gone, which makes one line in the log.
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

private struct NothingToReport: ClockReport {
    let isEmpty = true
    let reachedLimit = false
    let figures: [ClockFigure] = []
}
