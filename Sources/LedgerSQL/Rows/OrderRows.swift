package import PayCore
import PayFlow
import PayRecords

/// The table `orders`.
package enum OrderRows {
    /// The columns of an ``OrderSummary``.
    static let summaryColumns = [
        "number", "user_id", "amount", "currency", "subject", "return_url", "created_at", "deadline", "state",
    ]

    package static let columns = Columns(
        table: "orders",
        names: summaryColumns + [
            "paid_by", "left_new_at", "fence", "lease_owner", "lease_ends_at", "lease_unanswered", "updated_at",
        ])

    /// An order's own row.
    package struct Loaded {
        let summary: OrderSummary
        let state: OrderState
        let fence: Fence
        let lease: Lease?
        let numbering: Numbering

        /// - Parameter found: a row of ``OrderRows/loaded``.
        package init(_ found: any FoundRow, key: String) throws {
            let row = StoredRow(columns, key: key, in: found)
            summary = try OrderRows.summary(row)
            state = try OrderRows.state(row)
            fence = try OrderRows.fence(row)
            lease = try OrderRows.lease(row)
            numbering = Numbering(restores: Int(found.integer(columns.names.count)))
        }

        package func order(
            attempts: [Attempt], receipts: [RecordedReceipt], refunds: [Refund]
        ) -> Order {
            Order(
                number: summary.number, userID: summary.userID, money: summary.money, subject: summary.subject,
                returnURL: summary.returnURL, createdAt: summary.createdAt, deadline: summary.deadline, state: state,
                fence: fence, lease: lease, attempts: attempts, receipts: receipts, refunds: refunds,
                numbering: numbering)
        }
    }

    /// The columns of a ``Loaded``.
    package static let loaded = "\(columns.selected), (\(RestoreRows.count))"

    private static let selection = NumberedSQL("SELECT \(loaded) FROM orders WHERE number = ?")

    /// The result of `complete`, which runs while the order's row is held: its reads see the same snapshot.
    static func load<Whole>(
        _ number: OrderNumber, _ db: any Connection, _ complete: (Loaded) throws -> Whole
    ) throws -> Whole? {
        try db.prepared(selection).first([number.text.stored]) { row in
            try complete(Loaded(row, key: number.text))
        }
    }

    static func summary(_ row: StoredRow) throws -> OrderSummary {
        OrderSummary(
            number: try row.value("number", OrderNumber.init), userID: try row.value("user_id", UserID.stored),
            state: try row.value("state", OrderStateName.init), money: try row.money("amount", "currency"),
            subject: try row.value("subject", Subject.stored), returnURL: try row.optionalText("return_url"),
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

    /// The place of this transaction's change in the list of orders: now, but after every earlier change. A transaction
    /// that began earlier may commit later. By its own clock alone it would appear behind a reader's cursor, and be
    /// missed.
    ///
    /// PostgreSQL lists by transaction instead, and counts the changes of each order alone.
    static func nextUpdate(at now: Instant, _ db: any Connection) throws -> Int64 {
        guard db.dialect == .sqlite else { return now.milliseconds }
        let last = try db.prepared(lastUpdate).first { $0.integer(0) } ?? 0
        return max(now.milliseconds, last + 1)
    }

    private static let lastUpdate = NumberedSQL("SELECT max(updated_at) FROM orders")
    private static let insertion = NumberedSQL(columns.insertion)

    static func insert(_ order: Order, updatedAt: Int64, _ db: any Connection) throws {
        // By position, here as everywhere: binding by name would cost as much as the row.
        try db.prepared(insertion).run(values(of: order, updatedAt: updatedAt))
    }

    /// The values of ``columns``.
    package static func values(of order: Order, updatedAt: Int64) -> [StoredValue?] {
        let (paidBy, leftNewAt) = end(of: order.state)
        return [
            order.number.text.stored, order.userID.text.stored, order.money.amount.stored,
            order.money.currency.code.stored, order.subject.text.stored, order.returnURL?.stored,
            order.createdAt.milliseconds.stored, order.deadline.milliseconds.stored, order.state.name.rawValue.stored,
            paidBy?.text.stored, leftNewAt?.milliseconds.stored, order.fence.number.stored,
            order.lease?.owner.text.stored, order.lease?.endsAt.milliseconds.stored, order.lease?.isUnanswered.stored,
            updatedAt.stored,
        ]
    }

    /// Stores the columns that may change. Most changes are of the lease alone: writing the state too would run its
    /// checks, which cost more than all the rest.
    static func update(_ order: Order, over loaded: Order, updatedAt: Int64, _ db: any Connection) throws {
        let changes = changing(of: order, updatedAt: updatedAt)
        let isOfLease = order.state == loaded.state
        try db.prepared(isOfLease ? updateOfLease : updateOfState)
            .run(changes.prefix(isOfLease ? leaseColumns : changes.count) + [order.number.text.stored])
    }

    private static let updateOfLease = update(of: changing.prefix(leaseColumns))
    private static let updateOfState = update(of: changing[...])

    private static func update(of columns: ArraySlice<String>) -> NumberedSQL {
        NumberedSQL(
            DialectText { dialect in
                let sets = columns.map { "\($0) = \($0 == "updated_at" ? updatedAt[dialect] : "?")" }
                return "UPDATE orders SET \(sets.joined(separator: ", ")) WHERE number = ?"
            })
    }

    static let updatedAt = DialectText(sqlite: "?", postgres: "greatest(?, updated_at + 1)")

    /// The columns that may change, first those that change with the lease alone.
    package static let changing = [
        "fence", "lease_owner", "lease_ends_at", "lease_unanswered", "updated_at", "state", "paid_by", "left_new_at",
    ]

    private static let leaseColumns = 5

    /// The values of ``changing``.
    package static func changing(of order: Order, updatedAt: Int64) -> [StoredValue?] {
        let (paidBy, leftNewAt) = end(of: order.state)
        return [
            order.fence.number.stored, order.lease?.owner.text.stored, order.lease?.endsAt.milliseconds.stored,
            order.lease?.isUnanswered.stored, updatedAt.stored, order.state.name.rawValue.stored, paidBy?.text.stored,
            leftNewAt?.milliseconds.stored,
        ]
    }

    private static func end(of state: OrderState) -> (paidBy: TradeNumber?, leftNewAt: Instant?) {
        switch state {
        case .new: (nil, nil)
        case .paid(let tradeNumber, let at): (tradeNumber, at)
        case .closed(let at), .expired(let at): (nil, at)
        }
    }
}
