import PayFlow
import Synchronization

extension ClockJob {
    /// Checks every second whether the open database is still the one at its address, so that reads and cached pages
    /// stop too. A commit makes the same check. The job fails once when it is not, which logs one line.
    static func database(_ store: any Store) -> ClockJob {
        let isTold = Atomic(false)
        return ClockJob("database", every: soon) { _ in
            do throws(LedgerUnavailable) {
                try store.checkAddress()
                isTold.store(false, ordering: .relaxed)
            } catch {
                if !isTold.exchange(true, ordering: .relaxed) { throw error }
            }
            return NothingToReport()
        }
    }
}
