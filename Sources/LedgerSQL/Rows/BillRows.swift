import PayCore
import PayFlow
import PayRecords

/// The table `bills`.
enum BillRows {
    private static let making = """
        INSERT INTO bills (channel, day, state, load, claim) VALUES (?, ?, 'wanted', 0, 0)
        ON CONFLICT (channel, day) DO NOTHING
        """

    private static let claimColumns = Columns(table: "bills", names: ["id", "claim", "claim_ends_at"])
    private static let claimSelection = """
        SELECT \(claimColumns.selected) FROM bills WHERE channel = ? AND day = ?
        """

    private static let claiming = """
        UPDATE bills SET claim = ?, claimed_by = ?, claim_ends_at = ?, tried_at = ? WHERE id = ?
        """

    /// Nil while another worker holds the claim. A claim that ends later than any new one was made before the clock was
    /// set back.
    static func claim(
        _ channel: Channel, _ day: BillDay, by worker: WorkerID, until end: Instant, at now: Instant,
        _ db: any Connection
    ) throws -> BillClaim? {
        try db.prepared(making).run([channel.name, day.description])
        let found = try db.prepared(claimSelection).first([channel.name, day.description]) { found in
            let row = StoredRow(claimColumns, key: "\(channel) \(day)", in: found)
            return (
                id: try row.integer("id"), claim: try row.integer("claim"),
                endsAt: try row.optionalInstant("claim_ends_at")
            )
        }
        guard let found else { return nil }
        if let endsAt = found.endsAt, now < endsAt, endsAt <= end { return nil }
        let claim = BillClaim(channel: channel, day: day, bill: found.id, number: found.claim + 1)
        try db.prepared(claiming).run([claim.number, worker.text, end.milliseconds, now.milliseconds, claim.bill])
        return claim
    }

    /// Extends the claim. Throws ``BillClaimLost`` if it is not the latest, or has ended.
    static func renew(_ claim: BillClaim, until end: Instant, _ db: any Connection) throws {
        try db.prepared("UPDATE bills SET claim_ends_at = ? WHERE id = ? AND claim = ? AND claimed_by IS NOT NULL")
            .run([end.milliseconds, claim.bill, claim.number])
        guard db.changes == 1 else { throw BillClaimLost(claim) }
    }

    private static let finishing = """
        UPDATE bills
        SET state = :state, load = :load, digest = :digest, rows = :rows, loaded_at = :now, compared_at = NULL,
            claimed_by = NULL, claim_ends_at = NULL, last_answer = :answer
        WHERE id = :id AND claim = :claim AND claimed_by IS NOT NULL
        """

    static func finish(_ claim: BillClaim, with file: BillFile, at now: Instant, _ db: any Connection) throws {
        try db.prepared(finishing).run([
            BillState.loaded.rawValue, claim.number, file.digest, file.rows, now.milliseconds, "loaded", claim.bill,
            claim.number,
        ])
        guard db.changes == 1 else { throw BillClaimLost(claim) }
    }

    private static let finishingWithout = """
        UPDATE bills
        SET state = 'none', loaded_at = :now, compared_at = NULL, claimed_by = NULL, claim_ends_at = NULL,
            last_answer = 'no bill'
        WHERE id = :id AND claim = :claim AND claimed_by IS NOT NULL
        """

    static func finishWithoutBill(_ claim: BillClaim, at now: Instant, _ db: any Connection) throws {
        try db.prepared(finishingWithout).run([now.milliseconds, claim.bill, claim.number])
        guard db.changes == 1 else { throw BillClaimLost(claim) }
    }

    private static let releasing = """
        UPDATE bills SET claimed_by = NULL, claim_ends_at = NULL, tried_at = :now, last_answer = :answer
        WHERE id = :id AND claim = :claim AND claimed_by IS NOT NULL
        """

    /// Returns whether the claim was still the latest.
    @discardableResult
    static func release(_ claim: BillClaim, answer: String, at now: Instant, _ db: any Connection) throws -> Bool {
        try db.prepared(releasing).run([
            now.milliseconds, String(answer.prefix(longestAnswer)), claim.bill, claim.number,
        ])
        return db.changes == 1
    }

    private static let longestAnswer = 200

    /// The state and the digest of a bill.
    static func state(of bill: Int64, _ db: any Connection) throws -> (state: BillState, digest: String?)? {
        let columns = Columns(table: "bills", names: ["state", "digest"])
        return try db.prepared("SELECT \(columns.selected) FROM bills WHERE id = ?").first([bill]) { found in
            let row = StoredRow(columns, key: "\(bill)", in: found)
            return (try row.value("state", BillState.init), try row.optionalText("digest"))
        }
    }

    /// Whether a day's bill is loaded, or the provider has none.
    static func isLoaded(_ channel: Channel, _ day: BillDay, _ db: any Connection) throws -> Bool {
        try loadedDays(of: channel, from: day, to: day, db) == 1
    }

    /// The number of days whose bills are loaded, or that have none.
    static func loadedDays(
        of channel: Channel, from first: BillDay, to last: BillDay, _ db: any Connection
    ) throws -> Int {
        let count = try db.prepared(
            "SELECT count(*) FROM bills WHERE channel = ? AND day BETWEEN ? AND ? AND state <> 'wanted'"
        ).first([channel.name, first.description, last.description]) { $0.integer(0) }
        return Int(count ?? 0)
    }

    /// The results of a fetch that ended with the provider's word.
    private static let answers: Set = ["loaded", "unchanged", "no bill", "no bill now"]

    private static let progressColumns = Columns(
        table: "bills", names: ["day", "tried_at", "state", "claimed_by", "last_answer"])

    static func progress(
        of channel: Channel, since day: BillDay, _ db: any Connection
    ) throws -> [BillDay: BillProgress] {
        let sql = "SELECT \(progressColumns.selected) FROM bills WHERE channel = ? AND day >= ?"
        let found = try db.prepared(sql).all([channel.name, day.description]) { found in
            let row = StoredRow(progressColumns, key: "of a channel", in: found)
            // A claim that is still there was not answered, or belongs to a process that died.
            let isClaimed = try row.optionalText("claimed_by") != nil
            let answer = try row.optionalText("last_answer")
            let progress = BillProgress(
                triedAt: try row.optionalInstant("tried_at"),
                isLoaded: try row.value("state", BillState.init) != .wanted,
                wasAnswered: !isClaimed && answer.map(answers.contains) ?? false)
            return (try row.value("day", BillDay.init), progress)
        }
        return Dictionary(found) { first, _ in first }
    }

    /// The first day whose bill was fetched, whatever the answer was.
    static func firstDay(of channel: Channel, _ db: any Connection) throws -> BillDay? {
        try day("SELECT min(day) FROM bills WHERE channel = ?", channel, db)
    }

    static func lastLoadedDay(of channel: Channel, _ db: any Connection) throws -> BillDay? {
        try day("SELECT max(day) FROM bills WHERE channel = ? AND state <> 'wanted'", channel, db)
    }

    private static let dayColumns = Columns(table: "bills", names: ["day"])

    private static func day(_ sql: String, _ channel: Channel, _ db: any Connection) throws -> BillDay? {
        try db.prepared(sql).first([channel.name]) { found in
            try StoredRow(dayColumns, key: "of a channel", in: found).optionalValue("day", BillDay.init)
        } ?? nil
    }

    private static let uncomparedColumns = Columns(table: "bills", names: ["id", "day", "load"])

    static func uncompared(of channel: Channel, _ db: any Connection) throws -> [UncomparedBill] {
        let sql = """
            SELECT \(uncomparedColumns.selected) FROM bills
            WHERE channel = ? AND state <> 'wanted' AND compared_at IS NULL ORDER BY day
            """
        return try db.prepared(sql).all([channel.name]) { found in
            let row = StoredRow(uncomparedColumns, key: "of a channel", in: found)
            return UncomparedBill(
                bill: try row.integer("id"), day: try row.value("day", BillDay.init), load: try row.integer("load"))
        }
    }

    /// False if the bill was loaded again since the comparison began.
    static func markCompared(_ bill: UncomparedBill, at now: Instant, _ db: any Connection) throws -> Bool {
        try db.prepared(
            "UPDATE bills SET compared_at = ? WHERE id = ? AND load = ? AND compared_at IS NULL AND state <> 'wanted'"
        ).run([now.milliseconds, bill.bill, bill.load])
        return db.changes == 1
    }

    /// A loaded bill, as a comparison meets it.
    struct Loaded {
        let id: Int64
        let day: BillDay
        let load: Int64
        let isCompared: Bool
    }

    private static let loadedColumns = Columns(table: "bills", names: ["id", "day", "load", "compared_at"])

    /// The loaded bills from this one on.
    static func loaded(of channel: Channel, from bill: Int64, _ db: any Connection) throws -> [Loaded] {
        let sql = """
            SELECT \(loadedColumns.selected) FROM bills
            WHERE channel = ? AND state = 'loaded' AND id >= ? ORDER BY id
            """
        return try db.prepared(sql).all([channel.name, bill]) { found in try loaded(found) }
    }

    static func loaded(_ bill: Int64, _ db: any Connection) throws -> Loaded? {
        try db.prepared("SELECT \(loadedColumns.selected) FROM bills WHERE id = ?").first([bill]) { found in
            try loaded(found)
        }
    }

    private static func loaded(_ found: any FoundRow) throws -> Loaded {
        let row = StoredRow(loadedColumns, key: "of a channel", in: found)
        return Loaded(
            id: try row.integer("id"), day: try row.value("day", BillDay.init), load: try row.integer("load"),
            isCompared: try row.optionalInstant("compared_at") != nil)
    }
}
