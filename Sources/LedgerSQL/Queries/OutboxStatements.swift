import PayCore
import PayFlow
import PayRecords

/// Due messages, their claims, and the answers.
enum OutboxStatements {
    /// The oldest pending message of each order, unless another message of the order is being sent: a resent message
    /// may be older than that one.
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

    static func isAnyDue(at now: Instant, _ db: any Connection) throws -> Bool {
        try db.prepared(due).first([now.milliseconds, 1]) { _ in true } ?? false
    }

    static func claim(dueAt now: Instant, until end: Instant, limit: Int, _ db: any Connection) throws
        -> ClaimedDeliveries
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

    /// A due message, as in its row.
    private struct Due {
        let id: DeliveryID
        let order: String
        let tries: Int
        /// An unreadable value parks this message, and no other.
        let triesBefore: Result<Int, any Error>

        init(_ found: any FoundRow) throws {
            let row = StoredRow(columns, key: "that is due", in: found)
            id = try DeliveryRows.id(row)
            order = try row.text("order_number")
            tries = try DeliveryRows.tries(row, "tries")
            triesBefore = Result { try DeliveryRows.tries(row, "tries_before") }
        }
    }

    private static func markAsSending(_ id: DeliveryID, tries: Int, until end: Instant, _ db: any Connection) throws {
        try db.prepared("UPDATE deliveries SET sending = 1, tries = ?, next_at = ? WHERE id = ?")
            .run([tries, end.milliseconds, id.number])
    }

    /// The values that identify a claim.
    struct ClaimMark {
        let id: DeliveryID
        let order: String
        let tries: Int
    }

    /// False if the claim is not the latest, or was answered before.
    static func finish(
        _ mark: ClaimMark, _ step: DeliveryStep, answer: String, at now: Instant, _ db: any Connection
    ) throws -> Bool {
        try db.prepared(finishing).run([
            step.state.rawValue, step.nextAt(now).milliseconds,
            String(answer.prefix(DeliveryAnswer.longestStored)), now.milliseconds, mark.id.number, mark.tries,
        ])
        guard db.changes == 1 else { return false }
        try moveFollowers(of: mark, step, at: now, db)
        return true
    }

    /// The messages behind a pending one get its due time, so that they aren't found in vain. Once it is delivered or
    /// parked, they are due. Only ``due`` keeps their order.
    private static func moveFollowers(
        of mark: ClaimMark, _ step: DeliveryStep, at now: Instant, _ db: any Connection
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
