import PayCore
import PayFlow
import PayRecords

/// The lists of orders: by last change, for a reader who must miss nothing, and by creation, the latest first.
struct ListStatement {
    let sql: String
    let values: [(any Storable)?]

    private let columns: Columns

    private static let named = Columns(table: "orders", names: ["number", "created_at", "updated_at"])
    private static let numbered = Columns(
        table: "orders", names: ["number", "created_at", "updated_at", "era", "changed_in"])

    init(_ listing: OrderListing, in dialect: Dialect) {
        columns = dialect == .postgres ? Self.numbered : Self.named
        var filter = Filter(dialect: dialect)
        filter.add(listing.search)
        switch (listing.sequence, dialect) {
        case (.longestUnchangedFirst, .sqlite): filter.addUpdates(listing)
        case (.longestUnchangedFirst, .postgres): filter.addChanges(listing)
        case (.latestFirst, _): filter.addCreations(listing)
        }
        sql = """
            SELECT \(columns.selected) FROM orders
            WHERE \(filter.conditions.joined(separator: " AND "))
            ORDER BY \(filter.order) LIMIT ?
            """
        // One more than the limit shows whether there are more.
        values = filter.values + [max(1, listing.limit) + 1]
    }

    static func run(_ listing: OrderListing, _ db: any Connection) throws -> OrderList {
        let statement = ListStatement(listing, in: db.dialect)
        let found = try db.prepared(statement.sql).all(statement.values) { found in
            let row = StoredRow(statement.columns, key: "of a list", in: found)
            return Found(
                number: try row.value("number", OrderNumber.init), createdAt: try row.instant("created_at"),
                updatedAt: try row.instant("updated_at"), change: db.dialect == .postgres ? try row.change() : nil)
        }
        let limit = max(1, listing.limit)
        let entries = try found.prefix(limit).compactMap { found in
            try OrderStore.load(found.number, db).map { OrderList.Entry(order: $0, updatedAt: found.updatedAt) }
        }
        return OrderList(
            entries: entries, next: found.count > limit ? found[limit - 1].cursor(listing.sequence) : nil)
    }

    private struct Found {
        let number: OrderNumber
        let createdAt: Instant
        let updatedAt: Instant
        let change: ChangeNumber?

        func cursor(_ sequence: OrderSequence) -> OrderCursor {
            switch sequence {
            case .longestUnchangedFirst:
                OrderCursor(sequence: sequence, at: updatedAt, number: number, change: change)
            case .latestFirst: OrderCursor(sequence: sequence, at: createdAt, number: number)
            }
        }
    }
}

extension ListStatement {
    /// The conditions of a list and its order.
    ///
    /// The planner must not read all orders to save the sorting of a few.
    fileprivate struct Filter {
        let dialect: Dialect
        private(set) var conditions: [String] = []
        private(set) var values: [(any Storable)?] = []
        private(set) var order = ""
        /// Few orders have a number, and few are new. They are found by it, and sorted.
        private var isOfFew = false

        init(dialect: Dialect) { self.dialect = dialect }

        private func column(_ name: String) -> String { isOfFew ? dialect.hidden(name) : name }

        mutating func add(_ search: OrderSearch) {
            if let trade = search.trade { addNumbers(NumberStatements.ofTrade, [trade.text]) }
            if let transaction = search.transaction { addNumbers(NumberStatements.ofTransaction, [transaction.text]) }
            if let refund = search.refund {
                addNumbers(NumberStatements.ofRefund, NumberStatements.refundNumbers(refund.text))
            }
            if let user = search.user { add("\(column("user_id")) = ?", [user.text]) }
            if let state = search.state { add(state, isAmongFew: isOfFew || search.user != nil) }
            if let channel = search.channel { add(Self.atChannel, [channel.name]) }
        }

        private static let atChannel =
            "EXISTS (SELECT 1 FROM attempts WHERE order_number = orders.number AND channel = ?)"

        private mutating func addNumbers(_ numbers: String, _ values: [String]) {
            add("number IN (\(numbers))", values)
            isOfFew = true
        }

        /// Each state has a text of its own, with the condition of its partial index. A value would not lead to it.
        private mutating func add(_ state: OrderStateName, isAmongFew: Bool) {
            if isAmongFew {
                add("state = ?", [state.rawValue])
            } else if state == .new {
                add("state = 'new'", [])
                isOfFew = true
            } else {
                add("state = '\(state.rawValue)' AND state <> 'new'", [])
            }
        }

        mutating func addUpdates(_ listing: OrderListing) {
            let start =
                [listing.search.updatedAfter.map(Place.init(behindAllAt:)), listing.after.map(Place.init)]
                .compactMap { $0 }.max() ?? .first
            add("(\(column("updated_at")), \(column("number"))) > (?, ?)", start.values)
            order = "\(column("updated_at")), \(column("number"))"
            addTime("\(dialect.hidden("created_at")) > ?", listing.search.createdAfter)
            addTime("\(dialect.hidden("created_at")) < ?", listing.search.createdBefore)
        }

        /// By the number of the transaction, because transactions of several processes do not commit in the order of
        /// their times. The number of a transaction that still runs, and any later one, is left to a later list.
        mutating func addChanges(_ listing: OrderListing) {
            let start = listing.after?.change ?? ChangeNumber(era: -1, transaction: 0)
            let number = listing.after?.change == nil ? "" : listing.after?.number.text ?? ""
            add("(era, changed_in, number) > (?, ?, ?)", [start.era, start.transaction, number])
            add("(era < (SELECT era FROM eras) OR changed_in < pg_snapshot_xmin(pg_current_snapshot()))", [])
            order = "era, changed_in, number"
            // A change of an earlier time may be committed later. A reader who follows the times misses none of these.
            addTime("updated_at > ?", listing.search.updatedAfter.map { $0 - Self.overlap })
            // A cursor of a list by time, from before the orders were copied into this database.
            if let after = listing.after, after.change == nil { addTime("updated_at > ?", after.at - Self.overlap) }
            addTime("created_at > ?", listing.search.createdAfter)
            addTime("created_at < ?", listing.search.createdBefore)
        }

        /// More than a decision waits for its commit, and more than the clocks of two hosts differ.
        private static let overlap = Duration.seconds(60)

        mutating func addCreations(_ listing: OrderListing) {
            let start =
                [listing.search.createdBefore.map(Place.init(beforeAllAt:)), listing.after.map(Place.init)]
                .compactMap { $0 }.min() ?? .last
            add("(\(column("created_at")), \(column("number"))) < (?, ?)", start.values)
            order = "\(column("created_at")) DESC, \(column("number")) DESC"
            addTime("\(column("created_at")) > ?", listing.search.createdAfter)
            addTime("\(dialect.hidden("updated_at")) > ?", listing.search.updatedAfter)
        }

        private mutating func addTime(_ condition: String, _ instant: Instant?) {
            if let instant { add(condition, [instant.milliseconds]) }
        }

        private mutating func add(_ condition: String, _ values: [any Storable]) {
            conditions.append(condition)
            self.values += values
        }
    }

    /// A place in a list, which need not be an order's.
    private struct Place: Comparable {
        let milliseconds: Int64
        let number: String

        static let first = Place(milliseconds: -1, number: "")
        static let last = Place(milliseconds: .max, number: "")

        private init(milliseconds: Int64, number: String) {
            self.milliseconds = milliseconds
            self.number = number
        }

        /// A tilde sorts behind every character of an order's number.
        init(behindAllAt instant: Instant) {
            self.init(milliseconds: instant.milliseconds, number: "~")
        }

        init(beforeAllAt instant: Instant) {
            self.init(milliseconds: instant.milliseconds, number: "")
        }

        init(_ cursor: OrderCursor) {
            self.init(milliseconds: cursor.at.milliseconds, number: cursor.number.text)
        }

        var values: [any Storable] { [milliseconds, number] }

        static func < (left: Place, right: Place) -> Bool {
            (left.milliseconds, left.number) < (right.milliseconds, right.number)
        }
    }
}

extension StoredRow {
    fileprivate func change() throws -> ChangeNumber {
        ChangeNumber(era: try integer("era"), transaction: try integer("changed_in"))
    }
}
