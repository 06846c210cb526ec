import PayCore
import PayFlow
import PayRecords

/// Due deliveries, their claims, and the answers.
enum OutboxStatements {
    /// The delivery of the oldest event of each order that is pending for the endpoint, unless another one of the order
    /// is being sent to it: a resent event may be older than that one.
    static let due = """
        SELECT id, event_id, order_number, tries, tries_before FROM deliveries AS due
        WHERE endpoint = :endpoint AND state = 'pending' AND next_at <= :now AND NOT EXISTS (
            SELECT 1 FROM deliveries AS other
            WHERE other.order_number = due.order_number AND other.endpoint = :endpoint AND other.state = 'pending'
                AND other.event_id <> due.event_id
                AND (other.event_id < due.event_id OR (other.sending = 1 AND other.next_at > :now))
        )
        ORDER BY next_at, event_id LIMIT :limit
        """

    private static let columns = Columns(
        table: "deliveries", names: ["id", "event_id", "order_number", "tries", "tries_before"])

    static func isAnyDue(to endpoint: EndpointName, at now: Instant, _ db: any Connection) throws -> Bool {
        try db.prepared(due).first([endpoint.text, now.milliseconds, 1]) { _ in true } ?? false
    }

    static func claim(
        to endpoint: EndpointName, dueAt now: Instant, until end: Instant, limit: Int, _ db: any Connection
    ) throws -> ClaimedDeliveries {
        var claims: [DeliveryClaim] = []
        var unreadable: [OrderNumber] = []
        // All of them first: a claim moves its row, perhaps to where it would be found again.
        for found in try db.prepared(due).all([endpoint.text, now.milliseconds, max(0, limit)], Due.init) {
            let mark = ClaimMark(
                id: found.id, event: found.event, order: found.order, endpoint: endpoint, tries: found.tries + 1)
            try markAsSending(mark.id, tries: mark.tries, until: end, db)
            do {
                let triesSinceResend = mark.tries - (try found.triesBefore.get())
                claims.append(
                    DeliveryClaim(
                        id: mark.id, message: try EventRows.load(mark.event, db), endpoint: endpoint,
                        tries: mark.tries, triesSinceResend: triesSinceResend))
            } catch let error as UnreadableRow {
                _ = try finish(mark, .parked, answer: "\(error)", at: now, db)
                if let order = OrderNumber(mark.order) { unreadable.append(order) }
            }
        }
        return ClaimedDeliveries(claims: claims, unreadable: unreadable)
    }

    /// A due delivery, as in its row.
    private struct Due {
        let id: DeliveryID
        let event: EventID
        let order: String
        let tries: Int
        /// An unreadable value parks this delivery, and no other.
        let triesBefore: Result<Int, any Error>

        init(_ found: any FoundRow) throws {
            let row = StoredRow(columns, key: "that is due", in: found)
            id = try DeliveryRows.id(row)
            event = try EventRows.id(row, "event_id")
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
        let event: EventID
        let order: String
        let endpoint: EndpointName
        let tries: Int

        init(id: DeliveryID, event: EventID, order: String, endpoint: EndpointName, tries: Int) {
            self.id = id
            self.event = event
            self.order = order
            self.endpoint = endpoint
            self.tries = tries
        }

        init(_ claim: DeliveryClaim) {
            self.init(
                id: claim.id, event: claim.message.id, order: claim.message.order.number.text,
                endpoint: claim.endpoint, tries: claim.tries)
        }
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

    /// The same, and stores the try.
    static func finish(
        _ mark: ClaimMark, _ step: DeliveryStep, after made: DeliveryTry, at now: Instant, _ db: any Connection
    ) throws -> Bool {
        guard try finish(mark, step, answer: made.reply.answer.words, at: now, db) else { return false }
        try DeliveryAttemptRows.append(made, number: mark.tries, of: mark.id, db)
        return true
    }

    /// The deliveries behind a pending one get its due time, so that they aren't found in vain. Once it is delivered or
    /// parked, they are due. Only ``due`` keeps their order.
    private static func moveFollowers(
        of mark: ClaimMark, _ step: DeliveryStep, at now: Instant, _ db: any Connection
    ) throws {
        try db.prepared(movingFollowers).run([
            step.nextAt(now).milliseconds, mark.order, mark.endpoint.text, mark.event.number,
        ])
    }

    private static let finishing = """
        UPDATE deliveries
        SET state = :state, sending = 0, next_at = :next_at, last_answer = :answer,
            delivered_at = CASE :state WHEN 'delivered' THEN :now ELSE delivered_at END
        WHERE id = :id AND tries = :tries AND sending = 1
        """

    private static let movingFollowers = """
        UPDATE deliveries SET next_at = :next_at
        WHERE order_number = :order AND endpoint = :endpoint AND state = 'pending' AND sending = 0
            AND event_id > :event
        """
}
