import PayCore
import PayFlow
import PayRecords

/// The things that wait for a person. Each list is read by an index of exactly these things.
enum AttentionStatements {
    /// A refusal is repeated with each call about its attempt, and the calls are an hour apart at most. An older one is
    /// over: an answer that changes nothing is not stored.
    static let refusalsAreNewFor = Duration.seconds(2 * 3_600)

    static let disputes = "FROM receipts WHERE standing = 'disputed'"

    /// A failed refund is no longer waited for once nothing of its payment is left.
    static let refunds = """
        FROM refunds
        WHERE (state = 'failed' OR state = 'needs_attention') AND state = :state AND (
            state = 'needs_attention' OR EXISTS (
                SELECT 1 FROM receipts
                WHERE receipts.channel = refunds.channel AND receipts.transaction_id = refunds.transaction_id
                    AND receipts.amount > coalesce((
                        SELECT sum(other.amount) FROM refunds AS other
                        WHERE other.channel = refunds.channel AND other.transaction_id = refunds.transaction_id
                            AND other.state <> 'failed'
                    ), 0)
            )
        )
        """

    static let differences = "FROM differences WHERE state = 'open'"

    static let parked = "FROM deliveries WHERE state = 'parked'"

    /// Of attempts that may take money: those that lease recovery or watching asks about. Their last call tells. Reads the
    /// refusals that are new, however many attempts are open.
    static let refusals = DialectText { dialect in
        """
        FROM history AS refusal
        \(dialect.orderedJoin) attempts ON attempts.trade_no = refusal.trade_no
        WHERE refusal.what = 'called' AND \(dialect.hasPrefix("refusal.answer", HistoryNote.unlistedRefusal))
            AND refusal.at > :since
            AND (
                attempts.recover_at IS NOT NULL
                OR (attempts.ask_at IS NOT NULL AND (attempts.state = 'open' OR attempts.state = 'exposed'))
            )
            AND NOT EXISTS (
                SELECT 1 FROM history AS later
                WHERE later.order_number = refusal.order_number AND later.id > refusal.id AND later.what = 'called'
                    AND later.trade_no = refusal.trade_no
            )
        """
    }

    static let pauses = "FROM channel_pauses"

    /// Several processes may report the same condition.
    static let conditions = """
        SELECT kind, channel, subject, min(since) AS since, max(ends_at) AS ends_at FROM service_conditions
        WHERE seen_at > :seen_after GROUP BY kind, channel, subject
        """
}

extension AttentionStatements {
    static func load(at now: Instant, limit: Int, _ db: any Connection) throws -> Attention {
        let conditions = try serviceConditions(at: now, db)
        var counts: [AttentionKind: Int] = [:]
        counts[.dispute] = try count(disputes, [], db)
        counts[.refundFailed] = try count(refunds, [RefundState.failed.rawValue], db)
        counts[.refundNeedsAttention] = try count(refunds, [RefundState.needsAttention.rawValue], db)
        counts[.difference] = try count(differences, [], db)
        counts[.unknownRefusal] = try count(refusals[db.dialect], [sinceRefusals(now)], db)
        counts[.webhookParked] = try count(parked, [], db)
        counts[.channelPaused] = try count(pauses, [], db)
        for item in conditions { counts[item.kind, default: 0] += 1 }
        guard limit > 0 else { return Attention(items: [], counts: counts) }
        let items =
            try disputedReceipts(limit, db) + refunds(in: .failed, limit, db) + refunds(in: .needsAttention, limit, db)
            + openDifferences(limit, db) + unlistedRefusals(at: now, limit, db) + parkedDeliveries(limit, db)
            + pausedChannels(limit, db)
        return Attention(items: items + conditions.prefix(limit), counts: counts)
    }

    private static func count(_ from: String, _ values: [(any Storable)?], _ db: any Connection) throws -> Int {
        Int(try db.prepared("SELECT count(*) \(from)").first(values) { $0.integer(0) } ?? 0)
    }

    static let listedDisputes = "SELECT \(ReceiptRows.columns.selected) \(disputes) ORDER BY id LIMIT ?"

    private static func disputedReceipts(_ limit: Int, _ db: any Connection) throws -> [AttentionItem] {
        try db.prepared(listedDisputes).all([limit]) { row in
            let recorded = try ReceiptRows.receipt(StoredRow(ReceiptRows.columns, key: "in dispute", in: row))
            return AttentionItem(.dispute(recorded.receipt), since: recorded.recordedAt)
        }
    }

    static let listedRefunds = "SELECT \(RefundRows.columns.selected) \(refunds) ORDER BY created_at LIMIT :limit"

    private static func refunds(in state: RefundState, _ limit: Int, _ db: any Connection) throws -> [AttentionItem] {
        try db.prepared(listedRefunds).all([state.rawValue, limit]) { row in
            let listed = try RefundRows.listed(row)
            return AttentionItem(
                .refund(listed), since: listed.refund.refusedTries?.since ?? listed.refund.createdAt)
        }
    }

    static let listedDifferences = "SELECT \(DifferenceRows.columns.selected) \(differences) ORDER BY id LIMIT ?"

    private static func openDifferences(_ limit: Int, _ db: any Connection) throws -> [AttentionItem] {
        try db.prepared(listedDifferences).all([limit]) { row in
            let difference = try DifferenceRows.difference(row)
            return AttentionItem(.difference(difference), since: difference.openedAt)
        }
    }

    static let listedParked = """
        \(DeliveryRows.selection) WHERE deliveries.state = 'parked' ORDER BY deliveries.id LIMIT ?
        """

    private static func parkedDeliveries(_ limit: Int, _ db: any Connection) throws -> [AttentionItem] {
        try db.prepared(listedParked).all([limit]) { row in
            let record = try DeliveryRows.record(row)
            return AttentionItem(.webhookParked(record), since: record.occurredAt)
        }
    }

    private static let refusalColumns = Columns(
        table: "what was refused", names: ["trade_no", "channel", "at", "answer"])

    static let listedRefusals = DialectText { dialect in
        """
        SELECT attempts.trade_no, attempts.channel, refusal.at, refusal.answer \(refusals[dialect])
        ORDER BY refusal.at, attempts.trade_no LIMIT :limit
        """
    }

    private static func unlistedRefusals(at now: Instant, _ limit: Int, _ db: any Connection) throws -> [AttentionItem]
    {
        try db.prepared(listedRefusals).all([sinceRefusals(now), limit]) { found in
            let row = StoredRow(refusalColumns, key: "of an attempt", in: found)
            return AttentionItem(
                .unknownRefusal(
                    try row.value("trade_no", TradeNumber.init), try row.value("channel", Channel.init),
                    answer: try row.text("answer")),
                since: try row.instant("at"))
        }
    }

    private static func sinceRefusals(_ now: Instant) -> Int64 { (now - refusalsAreNewFor).milliseconds }

    private static func pausedChannels(_ limit: Int, _ db: any Connection) throws -> [AttentionItem] {
        try ChannelRows.pauses(db).sorted { $0.key < $1.key }.prefix(limit).map { channel, since in
            AttentionItem(.channelPaused(channel), since: since)
        }
    }

    private static let conditionColumns = Columns(
        table: "service_conditions", names: ["kind", "channel", "subject", "since", "ends_at"])

    static func serviceConditions(at now: Instant, _ db: any Connection) throws -> [AttentionItem] {
        try db.prepared(conditions).all([(now - ServiceCondition.isShownFor).milliseconds]) { found in
            let row = StoredRow(conditionColumns, key: "of a service", in: found)
            func channel() throws -> Channel { try row.value("channel", Channel.init) }
            let since = try row.instant("since")
            switch try row.value("kind", ServiceCondition.Kind.init) {
            case .backupMissing:
                return AttentionItem(.backupMissing(reason: try row.text("subject")), since: since)
            case .circuitOpen:
                return AttentionItem(.circuitOpen(try channel()), since: since)
            case .certificateEnds:
                return AttentionItem(
                    .certificateEnds(try channel(), name: try row.text("subject"), at: try row.instant("ends_at")),
                    since: since)
            case .diskNearlyFull:
                return AttentionItem(.diskNearlyFull(folder: try row.text("subject")), since: since)
            }
        }
    }
}
