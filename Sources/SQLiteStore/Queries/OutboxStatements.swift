import PayCore
import PayFlow
import PayRecords

/// What is due in the outbox, its claims, and their answers.
enum OutboxStatements {
    /// The oldest that waits of each order, unless another of the order is being sent: one that was sent again by hand
    /// may be older than that.
    static let due = """
        SELECT id, order_number, tries, tries_before FROM deliveries AS due
        WHERE state = 'pending' AND next_at <= :now AND NOT EXISTS (
            SELECT 1 FROM deliveries AS other
            WHERE other.order_number = due.order_number AND other.state = 'pending' AND other.id <> due.id
                AND (other.id < due.id OR (other.sending = 1 AND other.next_at > :now))
        )
        ORDER BY next_at, id LIMIT :limit
        """

    private static let columns = Columns(
        table: "deliveries", names: ["id", "order_number", "tries", "tries_before"])

    static func isAnyDue(at now: Instant, _ db: Connection) throws -> Bool {
        try db.prepared(due).first([now.milliseconds, 1]) { _ in true } ?? false
    }

    static func claim(dueAt now: Instant, until end: Instant, limit: Int, _ db: Connection) throws -> ClaimedDeliveries
    {
        var claims: [DeliveryClaim] = []
        var unreadable: [OrderNumber] = []
        // All of them first: a claim moves its row, perhaps to where it would be found again.
        for found in try db.prepared(due).all([now.milliseconds, max(0, limit)], Due.init) {
            let mark = ClaimMark(id: found.id, order: found.order, tries: found.tries + 1)
            try markAsSending(mark.id, tries: mark.tries, until: end, db)
            do {
                let triesSinceResend = mark.tries - (try found.triesBefore.get())
                claims.append(
                    DeliveryClaim(
                        delivery: try DeliveryRows.load(mark.id, db), tries: mark.tries,
                        triesSinceResend: triesSinceResend))
            } catch let error as UnreadableRow {
                _ = try finish(mark, .parked, answer: "\(error)", at: now, db)
                if let order = OrderNumber(mark.order) { unreadable.append(order) }
            }
        }
        return ClaimedDeliveries(claims: claims, unreadable: unreadable)
    }

    /// A message that is due, as its row tells.
    private struct Due {
        let id: DeliveryID
        let order: String
        let tries: Int
        /// What can't be read parks the message, and no other.
        let triesBefore: Result<Int, any Error>

        init(_ found: FoundRow) throws {
            let row = StoredRow(columns, key: "that is due", in: found)
            id = try DeliveryRows.id(row)
            order = try row.text("order_number")
            tries = try DeliveryRows.tries(row, "tries")
            triesBefore = Result { try DeliveryRows.tries(row, "tries_before") }
        }
    }

    private static func markAsSending(_ id: DeliveryID, tries: Int, until end: Instant, _ db: Connection) throws {
        try db.prepared("UPDATE deliveries SET sending = 1, tries = ?, next_at = ? WHERE id = ?")
            .run([tries, end.milliseconds, id.number])
    }

    /// A claim by what tells it from others.
    struct ClaimMark {
        let id: DeliveryID
        let order: String
        let tries: Int
    }

    /// False when the claim is not the latest, or was answered before.
    static func finish(
        _ mark: ClaimMark, _ step: DeliveryStep, answer: String, at now: Instant, _ db: Connection
    ) throws -> Bool {
        try db.prepared(finishing).run([
            step.state.rawValue, step.nextAt(now).milliseconds,
            String(answer.prefix(DeliveryAnswer.longestStored)), now.milliseconds, mark.id.number, mark.tries,
        ])
        guard db.changes == 1 else { return false }
        try moveFollowers(of: mark, step, at: now, db)
        return true
    }

    /// Those behind a message that waits wait with it, so that nobody looks at them in vain; once it is out of the way,
    /// they are due. Their order is kept by ``due`` alone.
    private static func moveFollowers(
        of mark: ClaimMark, _ step: DeliveryStep, at now: Instant, _ db: Connection
    ) throws {
        try db.prepared(movingFollowers).run([step.nextAt(now).milliseconds, mark.order, mark.id.number])
    }

    private static let finishing = """
        UPDATE deliveries
        SET state = :state, sending = 0, next_at = :next_at, last_answer = :answer,
            delivered_at = CASE :state WHEN 'delivered' THEN :now ELSE delivered_at END
        WHERE id = :id AND tries = :tries AND sending = 1
        """

    private static let movingFollowers = """
        UPDATE deliveries SET next_at = :next_at
        WHERE order_number = :order AND state = 'pending' AND sending = 0 AND id > :id
        """
}
