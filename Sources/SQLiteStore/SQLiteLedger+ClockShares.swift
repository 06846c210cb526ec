package import PayCore
package import PayFlow

/// Each process gets the whole: two processes work on one file only while one takes over from the other.
extension SQLiteLedger: ClockShares {
    package func takeShare(
        of duty: ClockDuty, by worker: WorkerID, at now: Instant, until end: Instant
    ) async throws -> ClockShare? {
        .whole
    }

    package func giveBack(
        _ share: ClockShare, of duty: ClockDuty, by worker: WorkerID, dueAt next: Instant
    ) async throws {}
}
