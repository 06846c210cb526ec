package import PayCore
import PayFlow
import PayRecords

/// The table `refunds`.
package enum RefundRows {
    package static let columns = Columns(
        table: "refunds",
        names: [
            "order_number", "number", "refund_no", "trade_no", "channel", "transaction_id", "amount", "currency",
            "cause", "reason", "created_at", "state", "ask_at", "was_submitted", "refused_tries", "refused_since",
            "provider_code", "renewals", "number_used_up", "requested_at", "refunded_at",
        ])

    private static let selection = """
        SELECT \(columns.selected) FROM attempts JOIN refunds ON refunds.trade_no = attempts.trade_no
        WHERE attempts.order_number = ? ORDER BY refunds.id
        """

    /// An order's refunds, in the order in which they were stored.
    static func load(of order: OrderNumber, _ db: any Connection) throws -> [Refund] {
        try db.prepared(selection).all([order.text]) { try refund(StoredRow(columns, key: order.text, in: $0)) }
    }

    /// A state has a text of its own, so that the planner takes the index of states.
    static func listing(in state: RefundState?) -> String {
        let filter = state.map { "WHERE state = '\($0.rawValue)'" } ?? ""
        return "SELECT \(columns.selected) FROM refunds \(filter) ORDER BY id DESC LIMIT :limit"
    }

    /// The latest first.
    static func list(in state: RefundState?, limit: Int, _ db: any Connection) throws -> [ListedRefund] {
        try db.prepared(listing(in: state)).all([max(0, limit)]) { row in
            try listed(row)
        }
    }

    static func listed(_ row: any FoundRow) throws -> ListedRefund {
        let stored = StoredRow(columns, key: "that is listed", in: row)
        return ListedRefund(refund: try refund(stored), channel: try stored.value("channel", Channel.init))
    }

    package static func refund(_ unnamed: StoredRow) throws -> Refund {
        let number = try unnamed.text("number")
        let row = unnamed.renamed(number)
        return Refund(
            number: number, merchantNumber: try row.optionalValue("refund_no", RefundNumber.init),
            tradeNumber: try row.value("trade_no", TradeNumber.init),
            transactionID: try row.value("transaction_id", TransactionID.init),
            money: try row.money("amount", "currency"), cause: try row.value("cause", RefundCause.init),
            reason: try row.optionalValue("reason", RefundReason.init),
            state: try row.value("state", RefundState.init),
            createdAt: try row.instant("created_at"), askAt: try row.optionalInstant("ask_at"),
            wasSubmitted: try row.flag("was_submitted"), refusedTries: try refusedTries(row),
            providerCode: try row.optionalText("provider_code"), renewals: try row.count("renewals", in: 0...1_000_000),
            isNumberUsedUp: try row.flag("number_used_up"), requestedAt: try row.optionalInstant("requested_at"),
            refundedAt: try row.optionalInstant("refunded_at"))
    }

    private static func refusedTries(_ row: StoredRow) throws -> RefusedTries? {
        guard let since = try row.optionalInstant("refused_since") else { return nil }
        return RefusedTries(count: try row.count("refused_tries", in: 1...1_000_000_000), since: since)
    }

    /// The columns that change, in the order of ``update``.
    private static func changing(_ refund: Refund) -> [(any Storable)?] {
        [
            refund.state.rawValue, refund.askAt?.milliseconds, refund.wasSubmitted ? 1 : 0,
            refund.refusedTries?.count ?? 0, refund.refusedTries?.since.milliseconds, refund.providerCode,
            refund.renewals, refund.isNumberUsedUp ? 1 : 0, refund.requestedAt?.milliseconds,
            refund.refundedAt?.milliseconds,
        ]
    }

    private static let update = """
        UPDATE refunds SET state = ?, ask_at = ?, was_submitted = ?, refused_tries = ?, refused_since = ?,
            provider_code = ?, renewals = ?, number_used_up = ?, requested_at = ?, refunded_at = ?
        WHERE order_number = ? AND number = ?
        """

    /// Stores new and changed refunds.
    static func save(_ order: Order, over loaded: [Refund], _ db: any Connection) throws {
        let before = Dictionary(loaded.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        for refund in order.refunds where before[refund.number] != refund {
            if before[refund.number] == nil {
                try insert(refund, of: order, db)
            } else {
                try db.prepared(update).run(changing(refund) + [order.number.text, refund.number])
            }
        }
    }

    private static func insert(_ refund: Refund, of order: Order, _ db: any Connection) throws {
        let particulars: [(any Storable)?] = [
            order.number.text, refund.number, refund.merchantNumber?.text, refund.tradeNumber.text,
            order.channel(of: refund)?.name, refund.transactionID.text, refund.money.amount,
            refund.money.currency.code, refund.cause.rawValue, refund.reason?.text, refund.createdAt.milliseconds,
        ]
        try db.prepared(columns.insertion).run(particulars + changing(refund))
    }
}
