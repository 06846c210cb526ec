import PayCore
import PayFlow
import PayRecords

/// The resends of an operator. A resent event goes before the later ones of its order that are pending, by
/// ``OutboxStatements/due``.
enum ResendStatements {
    static func resend(
        _ wanted: DeliveriesToResend, by actor: Actor, at now: Instant, _ db: any Connection
    ) throws -> ResendReport {
        switch wanted {
        case .everyParked:
            let ids = try parked(db)
            for id in ids { try makeDue(id, at: now, db) }
            if !ids.isEmpty {
                let note = AuditNote(actor, .deliveryResent, on: "parked", detail: "\(ids.count) due")
                try AuditRows.append(note, at: now, db)
            }
            return ResendReport(due: ids, beingSent: [], unknown: [])
        case .these(let ids):
            return try resend(ids, by: actor, at: now, db)
        }
    }

    private static func resend(
        _ ids: [DeliveryID], by actor: Actor, at now: Instant, _ db: any Connection
    ) throws -> ResendReport {
        var due: [DeliveryID] = []
        var beingSent: [DeliveryID] = []
        var unknown: [DeliveryID] = []
        for id in Set(ids).sorted() {
            let found = try db.prepared("SELECT sending = 1 AND next_at > ?, order_number FROM deliveries WHERE id = ?")
                .first([now.milliseconds, id.number]) { (isBeingSent: $0.integer(0) == 1, order: $0.text(1) ?? "") }
            guard let found else {
                unknown.append(id)
                continue
            }
            guard !found.isBeingSent else {
                beingSent.append(id)
                continue
            }
            try makeDue(id, at: now, db)
            let note = AuditNote(actor, .deliveryResent, on: "\(id)", of: OrderNumber(found.order))
            try AuditRows.append(note, at: now, db)
            due.append(id)
        }
        return ResendReport(due: due, beingSent: beingSent, unknown: unknown)
    }

    private static func parked(_ db: any Connection) throws -> [DeliveryID] {
        try db.prepared("SELECT id FROM deliveries WHERE state = 'parked' ORDER BY id").all { $0.integer(0) }
            .compactMap(DeliveryID.init)
    }

    private static func makeDue(_ id: DeliveryID, at now: Instant, _ db: any Connection) throws {
        try db.prepared(
            """
            UPDATE deliveries
            SET state = 'pending', sending = 0, tries_before = tries, next_at = :now, waits_since = :now
            WHERE id = :id
            """
        ).run([now.milliseconds, id.number])
    }
}

extension ResendStatements {
    /// The events since an instant that an endpoint is for.
    private static func wanted(_ dialect: Dialect) -> String {
        let position = dialect == .sqlite ? "instr" : "strpos"
        return """
            FROM events JOIN webhook_endpoints AS endpoint ON endpoint.active = 1
                AND (endpoint.kinds IS NULL OR \(position)(endpoint.kinds, ' ' || events.kind || ' ') > 0)
            WHERE events.occurred_at >= :since
            """
    }

    static let again = DialectText { dialect in
        """
        UPDATE deliveries
        SET state = 'pending', sending = 0, tries_before = tries, next_at = :now,
            waits_since = CASE state WHEN 'pending' THEN waits_since ELSE :now END
        WHERE (sending = 0 OR next_at <= :now) AND (event_id, endpoint) IN (
            SELECT events.id, endpoint.name \(wanted(dialect)) AND (:name = '' OR endpoint.name = :name)
        )
        """
    }

    static let addition = DialectText { dialect in
        """
        INSERT INTO deliveries (event_id, order_number, endpoint, waits_since, next_at)
        SELECT events.id, events.order_number, endpoint.name, :now, :now
        \(wanted(dialect)) AND (:name = '' OR endpoint.name = :name) AND NOT EXISTS (
            SELECT 1 FROM deliveries WHERE event_id = events.id AND deliveries.endpoint = endpoint.name
        )
        ORDER BY events.id, endpoint.name
        """
    }

    static func recover(
        since start: Instant, to endpoint: EndpointName?, by actor: Actor, at now: Instant, _ db: any Connection
    ) throws -> RecoverReport {
        let name = endpoint?.text ?? ""
        try db.prepared(again).run([now.milliseconds, start.clamped.milliseconds, name])
        let due = db.changes
        try db.prepared(addition).run([now.milliseconds, start.clamped.milliseconds, name])
        let report = RecoverReport(added: db.changes, due: due)
        let since = CivilTime(start).text { $0.writeExactTimestamp(to: &$1) }
        let detail = "since \(since): \(report.added) added, \(report.due) due again"
        let note = AuditNote(actor, .deliveriesRecovered, on: endpoint?.text ?? "every endpoint", detail: detail)
        try AuditRows.append(note, at: now, db)
        return report
    }
}
