import LedgerSQL
package import PayCore
package import PayFlow

/// A share is a row that one process takes for some time. A process skips the rows that others are taking.
extension PostgresLedger: ClockShares {
    /// The slices of all orders.
    private static let slices = 64
    /// A time further ahead than this was written before a clock was set back.
    private static let furthest = Duration.seconds(3_600)

    package func takeShare(
        of duty: ClockDuty, by worker: WorkerID, at now: Instant, until end: Instant
    ) async throws -> ClockShare? {
        let number = try await lanes.write(.clock()) { db in
            let values: [any Storable] = [
                worker.text, end.milliseconds, duty.rawValue, now.milliseconds, (now + Self.furthest).milliseconds,
            ]
            try Self.forgetInACrash(db)
            if let taken = try Self.take(values, db) { return Int?.some(taken) }
            // The first process makes the rows.
            guard try db.prepared(Self.counting).first([duty.rawValue], { $0.integer(0) }) == 0 else { return nil }
            try db.prepared(Self.making).run([duty.rawValue, duty.shares - 1])
            return try Self.take(values, db)
        }
        return number.map { number in
            let width = Self.slices / duty.shares
            return ClockShare(
                number: number,
                due: SharedDueWork(self, slices: (number * width)...(number * width + width - 1)))
        }
    }

    package func giveBack(
        _ share: ClockShare, of duty: ClockDuty, by worker: WorkerID, dueAt next: Instant
    ) async throws {
        guard let number = share.number else { return }
        try await lanes.write(.clock()) { db in
            try Self.forgetInACrash(db)
            // Another process may have taken the share since.
            try db.prepared(Self.givingBack).run([next.milliseconds, duty.rawValue, number, worker.text])
        }
    }

    private static let taking = """
        UPDATE clock_shares SET owner = :owner, until = :end
        WHERE job = :job AND share = (
            SELECT share FROM clock_shares
            WHERE job = :job AND (until <= :now OR until > :furthest) AND (runs_at <= :now OR runs_at > :furthest)
            ORDER BY runs_at, share LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        RETURNING share
        """
    private static let counting = "SELECT count(*) FROM clock_shares WHERE job = :job"
    private static let making = """
        INSERT INTO clock_shares (job, share) SELECT :job, generate_series(0, :last)
        ON CONFLICT (job, share) DO NOTHING
        """
    private static let givingBack = """
        UPDATE clock_shares SET owner = NULL, until = 0, runs_at = :next
        WHERE job = :job AND share = :share AND owner = :owner
        """

    private static func take(_ values: [any Storable], _ db: any Connection) throws -> Int? {
        try db.prepared(taking).first(values) { Int($0.integer(0)) }
    }

    /// A share that a crash of the server gives back early harms nothing: its commit need not wait for the disk.
    private static func forgetInACrash(_ db: any Connection) throws {
        _ = try db.prepared("SELECT set_config('synchronous_commit', 'off', true)").first([]) { _ in true }
    }
}
