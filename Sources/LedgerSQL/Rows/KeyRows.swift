package import PayCore
package import PayFlow
import PayRecords

/// The table `idempotency_keys`.
package enum KeyRows {
    package static let columns = Columns(
        table: "idempotency_keys",
        names: [
            "scope", "key", "fingerprint", "order_number", "trade_no", "refund_number", "made_order", "expires_at",
            "claimed_under",
        ])

    /// A claim is valid as long as the lease that it was made under. Older claims are ignored.
    package static let selection = """
        SELECT \(columns.selected) FROM idempotency_keys
        WHERE scope = :scope AND key = :key AND expires_at > :now AND (
            claimed_under IS NULL OR EXISTS (
                SELECT 1 FROM attempts JOIN orders ON orders.number = attempts.order_number
                WHERE attempts.trade_no = idempotency_keys.trade_no AND orders.fence = idempotency_keys.claimed_under
                    AND orders.lease_unanswered = 0 AND orders.lease_ends_at > :now
            )
        )
        """

    /// Precondition: ``check(_:at:_:)`` passed, so that an existing row is expired or of the same request.
    private static let claiming = NumberedSQL("\(columns.insertion) \(claimingAgain)")

    private static let claimingAgain = """
        ON CONFLICT (scope, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, order_number = NULL, trade_no = excluded.trade_no, made_order = 0,
            expires_at = excluded.expires_at, claimed_under = excluded.claimed_under
        """

    /// The end of an insertion of claims that were not checked. It leaves out the rows for which a check is needed.
    package static func claimingInBatch(now: String) -> String {
        """
        \(claimingAgain)
        WHERE idempotency_keys.expires_at <= \(now)
            OR (idempotency_keys.claimed_under IS NOT NULL AND idempotency_keys.fingerprint = excluded.fingerprint)
        """
    }

    /// The first request of a key wins until the key expires. The same request after the loss of its page refers to its
    /// new attempt.
    private static let storing = NumberedSQL("\(columns.insertion) \(storingInBatch(now: ":now"))")

    /// The end of an insertion of used keys. It leaves out the rows that another request has.
    package static func storingInBatch(now: String) -> String {
        """
        ON CONFLICT (scope, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, order_number = NULL, trade_no = excluded.trade_no, claimed_under = NULL,
            made_order = CASE WHEN idempotency_keys.expires_at > \(now) AND idempotency_keys.made_order = 1
                THEN 1 ELSE excluded.made_order END,
            expires_at = CASE WHEN idempotency_keys.expires_at > excluded.expires_at
                THEN idempotency_keys.expires_at ELSE excluded.expires_at END
        WHERE idempotency_keys.expires_at <= \(now) OR idempotency_keys.fingerprint = excluded.fingerprint
        """
    }

    /// The first refund of a key stays the key's refund until the key expires.
    private static let storingRefund = NumberedSQL("\(replacement) WHERE idempotency_keys.expires_at <= :now")

    /// Precondition: the key is free, so that an existing row is expired, or the claim of work that has ended.
    private static let replacing = NumberedSQL(replacement)

    private static let replacement = """
        \(columns.insertion)
        ON CONFLICT (scope, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, order_number = excluded.order_number, trade_no = excluded.trade_no,
            refund_number = excluded.refund_number, made_order = excluded.made_order,
            expires_at = excluded.expires_at, claimed_under = NULL
        """

    /// Stores nothing if the key has a row.
    private static let inserting = NumberedSQL("\(columns.insertion) ON CONFLICT (scope, key) DO NOTHING")

    static func load(_ key: ScopedKey, at now: Instant, _ db: any Connection) throws -> KeyRecord? {
        try db.prepared(looking).first(values(of: key, at: now)) { try record(of: key, $0) }
    }

    private static let looking = NumberedSQL(selection)

    /// The values of ``selection``.
    package static func values(of key: ScopedKey, at now: Instant) -> [StoredValue?] {
        [key.scope.stored, key.key.text.stored, now.milliseconds.stored]
    }

    package static func record(of key: ScopedKey, _ found: any FoundRow) throws -> KeyRecord {
        let row = StoredRow(columns, key: key.scope, in: found)
        return KeyRecord(
            use: KeyUse(key: key, fingerprint: try row.text("fingerprint")), outcome: try outcome(row),
            madeOrder: try row.flag("made_order"), expiresAt: try row.instant("expires_at"),
            isAnswered: try row.optionalInteger("claimed_under") == nil)
    }

    private static func outcome(_ row: StoredRow) throws -> KeyOutcome {
        if try row.optionalText("order_number") != nil {
            return .order(try row.value("order_number", OrderNumber.init))
        }
        let trade = try row.value("trade_no", TradeNumber.init)
        return try row.optionalText("refund_number").map { .refund($0, of: trade) } ?? .attempt(trade)
    }

    /// Throws if the key is taken. The same request may claim it again: the order's lease prevents two calls at once.
    static func check(_ claim: KeyClaim, at now: Instant, _ db: any Connection) throws {
        guard let taken = try load(claim.use.key, at: now, db) else { return }
        guard taken.use == claim.use else { throw KeyConflict(use: claim.use, reason: .otherRequest) }
        if taken.isAnswered { throw KeyConflict(use: claim.use, reason: .answered) }
    }

    /// Throws if another transaction has taken the key since it was checked. SQLite has one writer, so there is none.
    static func store(_ claim: KeyClaim, at now: Instant, _ db: any Connection) throws {
        try storeFree(claim.use.key, db) { isThere in
            if db.dialect == .postgres { try check(claim, at: now, db) }
            try db.prepared(isThere ? claiming : inserting).run(values(of: claim, at: now))
        }
    }

    /// Stores a key that `store` finds free. Between its check and its write, no other transaction can take the key:
    /// the row is locked, or the insertion of a row stores nothing if there is one by now.
    private static func storeFree(
        _ key: ScopedKey, _ db: any Connection, _ store: (_ isThere: Bool) throws -> Void
    ) throws {
        repeat { try store(try lock(key, db)) } while db.changes != 1
    }

    private static let locking = "SELECT 1 FROM idempotency_keys WHERE scope = ? AND key = ? FOR UPDATE"

    /// Whether the key has a row, which this transaction alone can change. A transaction of SQLite locks all rows.
    private static func lock(_ key: ScopedKey, _ db: any Connection) throws -> Bool {
        switch db.dialect {
        case .sqlite: true
        case .postgres: try db.prepared(locking).first([key.scope, key.key.text]) { _ in true } ?? false
        }
    }

    /// The values of ``columns``.
    package static func values(of claim: KeyClaim, at now: Instant) -> [StoredValue?] {
        let expiresAt = now + KeyRecord.shortestLife
        return [
            claim.use.key.scope.stored, claim.use.key.key.text.stored, claim.use.fingerprint.stored, nil,
            claim.tradeNumber.text.stored, nil, false.stored, expiresAt.milliseconds.stored, claim.fence.number.stored,
        ]
    }

    /// Throws if the key is another request's, or if it led to an order or a refund before.
    static func useUp(_ record: KeyRecord, at now: Instant, _ db: any Connection) throws {
        switch record.outcome {
        case .order(let number):
            // The key was not claimed before: the row of a claim that has ended must not stop it.
            try storeFree(record.use.key, db) { isThere in
                guard try load(record.use.key, at: now, db) == nil else { throw try conflict(record, at: now, db) }
                try store(record, by: isThere ? replacing : inserting, [number.text.stored, nil, nil], db)
            }
        case .attempt(let trade):
            try store(record, by: storing, [nil, trade.text.stored, nil], until: now, db)
        case .refund(let number, of: let trade):
            try store(record, by: storingRefund, [nil, trade.text.stored, number.stored], until: now, db)
        }
        guard db.changes != 1 else { return }
        throw try conflict(record, at: now, db)
    }

    /// - Parameters:
    ///   - outcome: the values of `order_number`, `trade_no` and `refund_number`.
    ///   - now: the instant at which an existing row may be expired, if the statement asks for it.
    private static func store(
        _ record: KeyRecord, by sql: NumberedSQL, _ outcome: [StoredValue?], until now: Instant? = nil,
        _ db: any Connection
    ) throws {
        let use = record.use
        let key: [StoredValue?] = [use.key.scope.stored, use.key.key.text.stored, use.fingerprint.stored]
        let rest: [StoredValue?] = [record.madeOrder.stored, record.expiresAt.milliseconds.stored, nil]
        try db.prepared(sql).run(key + outcome + rest + (now.map { [$0.milliseconds.stored] } ?? []))
    }

    /// The values of ``columns``. Precondition: the key led to an attempt.
    package static func values(of record: KeyRecord) -> [StoredValue?] {
        let trade: TradeNumber? = if case .attempt(let trade) = record.outcome { trade } else { nil }
        return [
            record.use.key.scope.stored, record.use.key.key.text.stored, record.use.fingerprint.stored, nil,
            trade?.text.stored, nil, record.madeOrder.stored, record.expiresAt.milliseconds.stored, nil,
        ]
    }

    private static func conflict(_ record: KeyRecord, at now: Instant, _ db: any Connection) throws -> KeyConflict {
        let isSame = try load(record.use.key, at: now, db)?.use == record.use
        return KeyConflict(use: record.use, reason: isSame ? .answered : .otherRequest)
    }
}
