import GRDB
import PayCore
import PayFlow

/// The table `orders`.
enum OrderRows {
    /// What an ``OrderSummary`` is made of.
    static let summaryColumns = [
        "number", "user_id", "amount", "currency", "subject", "return_url", "created_at", "deadline", "state",
    ]

    static let columns = Columns(
        table: "orders",
        names: summaryColumns + [
            "paid_by", "left_new_at", "fence", "lease_owner", "lease_ends_at", "lease_unanswered", "updated_at",
        ])

    /// An order without what belongs to it.
    struct Loaded {
        let summary: OrderSummary
        let state: OrderState
        let fence: Fence
        let lease: Lease?
    }

    private static let selection = "SELECT \(columns.selected) FROM orders WHERE number = ?"

    static func load(_ number: OrderNumber, _ db: Database) throws -> Loaded? {
        let statement = try db.cachedStatement(sql: selection)
        guard let row = try Row.fetchOne(statement, arguments: [number.text]) else { return nil }
        let stored = StoredRow(columns, key: number.text, in: row)
        return Loaded(
            summary: try summary(stored), state: try state(stored), fence: try fence(stored), lease: try lease(stored))
    }

    static func summary(_ row: StoredRow) throws -> OrderSummary {
        OrderSummary(
            number: try row.value("number", OrderNumber.init), userID: try row.value("user_id", UserID.init),
            state: try row.value("state", OrderStateName.init), money: try row.money("amount", "currency"),
            subject: try row.value("subject", Subject.init), returnURL: try row.optionalText("return_url"),
            createdAt: try row.instant("created_at"), deadline: try row.instant("deadline"))
    }

    private static func state(_ row: StoredRow) throws -> OrderState {
        switch try row.value("state", OrderStateName.init) {
        case .new: .new
        case .paid: .paid(by: try row.value("paid_by", TradeNumber.init), at: try row.instant("left_new_at"))
        case .closed: .closed(at: try row.instant("left_new_at"))
        case .expired: .expired(at: try row.instant("left_new_at"))
        }
    }

    private static func fence(_ row: StoredRow) throws -> Fence {
        let number = try row.integer("fence")
        guard number >= 0, number < Int64.max else { throw row.unreadable("fence") }
        return Fence(number)
    }

    private static func lease(_ row: StoredRow) throws -> Lease? {
        guard let owner = try row.optionalText("lease_owner") else { return nil }
        return Lease(
            owner: WorkerID(owner), endsAt: try row.instant("lease_ends_at"),
            isUnanswered: try row.flag("lease_unanswered"))
    }

    /// When this transaction's change is listed: now, but later than every change before it. A transaction that began
    /// earlier may commit later; by its own clock it would come up behind a reader's cursor, and be missed.
    static func nextUpdate(at now: Instant, _ db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT max(updated_at) FROM orders")
        let last = try Int64.fetchOne(statement) ?? 0
        return max(now.milliseconds, last + 1)
    }

    static func insert(_ order: Order, updatedAt: Int64, _ db: Database) throws {
        let fixed: [String: (any DatabaseValueConvertible)?] = [
            "user_id": order.userID.text, "amount": order.money.amount, "currency": order.money.currency.code,
            "subject": order.subject.text, "return_url": order.returnURL,
            "created_at": order.createdAt.milliseconds, "deadline": order.deadline.milliseconds,
        ]
        let all = fixed.merging(movingColumns(of: order, updatedAt: updatedAt)) { fixed, _ in fixed }
        let statement = try db.cachedStatement(sql: columns.insertion)
        try statement.execute(arguments: StatementArguments(all))
    }

    static func update(_ order: Order, updatedAt: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE orders
                SET state = :state, paid_by = :paid_by, left_new_at = :left_new_at, fence = :fence,
                    lease_owner = :lease_owner, lease_ends_at = :lease_ends_at, lease_unanswered = :lease_unanswered,
                    updated_at = :updated_at
                WHERE number = :number
                """)
        try statement.execute(arguments: StatementArguments(movingColumns(of: order, updatedAt: updatedAt)))
    }

    /// The columns that may change, with the key.
    private static func movingColumns(of order: Order, updatedAt: Int64) -> [String: (any DatabaseValueConvertible)?] {
        var paidBy: TradeNumber?
        var leftNewAt: Instant?
        switch order.state {
        case .new: break
        case .paid(let tradeNumber, let at): (paidBy, leftNewAt) = (tradeNumber, at)
        case .closed(let at), .expired(let at): leftNewAt = at
        }
        return [
            "number": order.number.text, "state": order.state.name.rawValue, "paid_by": paidBy?.text,
            "left_new_at": leftNewAt?.milliseconds, "fence": order.fence.number,
            "lease_owner": order.lease?.owner.text, "lease_ends_at": order.lease?.endsAt.milliseconds,
            "lease_unanswered": order.lease?.isUnanswered, "updated_at": updatedAt,
        ]
    }
}
