import GRDB
import PayFlow
import StoreTestSupport
import Testing

@testable import LedgerSQL
@testable import PayCore
@testable import SQLiteStore

/// Each search reads only the rows that it may return.
struct SearchPlanTests {
    /// Every combination of given properties.
    private static func searches() -> [OrderSearch] {
        (0..<1024).map { bits in
            func given<Value>(_ bit: Int, _ value: Value) -> Value? { bits & (1 << bit) == 0 ? nil : value }
            return OrderSearch(
                state: given(0, bits & (1 << 9) == 0 ? .paid : .new), user: given(1, UserID("u-1")!),
                trade: given(2, trade("order_1", 1)),
                transaction: given(3, TransactionID("tx-1")!), refund: given(4, RefundName("r_1")!),
                channel: given(8, Channel("alipay")!),
                createdAfter: given(5, at(1)), createdBefore: given(6, at(100)), updatedAfter: given(7, at(2)))
        }
    }

    private func plan(_ statement: ListStatement, _ db: Database) throws -> [String] {
        try explained(statement.sql, statement.values, db)
    }

    private func explained(_ sql: String, _ values: [(any Storable)?], _ db: Database) throws -> [String] {
        let arguments = StatementArguments(values.map { $0 as? any DatabaseValueConvertible })
        return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] }
    }

    /// The part of a plan that names the index of the orders.
    private static func expectedIndex(_ search: OrderSearch, _ sequence: OrderSequence) -> String {
        if isByNumber(search) { return "(number=?)" }
        if search.user != nil { return "orders_of_user (user_id=?" }
        switch (search.state, sequence) {
        case (.new, _): return "orders_to_expire"
        case (nil, .latestFirst): return "orders_by_creation ("
        case (nil, .longestUnchangedFirst): return "orders_by_update ("
        case (_, .latestFirst): return "orders_over_by_creation (state=? AND "
        case (_, .longestUnchangedFirst): return "orders_over_by_change (state=? AND "
        }
    }

    private static func isByNumber(_ search: OrderSearch) -> Bool {
        search.trade != nil || search.transaction != nil || search.refund != nil
    }

    @Test
    func `no search scans a table, and only a search by number or for new orders sorts`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let listings = Self.searches().flatMap { search in
                [search.usualSequence, .latestFirst].map { OrderListing(search, sequence: $0, limit: 2) }
            }
            let plans = try await scratch.connection().read { db in
                try listings.map { try plan(ListStatement($0, in: .sqlite), db) }
            }
            for (listing, plan) in zip(listings, plans) {
                let search = listing.search
                // A partial index may be scanned: it has nothing else.
                let scans = plan.filter { $0.hasPrefix("SCAN") && !$0.contains("orders_to_expire") }
                #expect(scans.isEmpty, "\(search): \(plan)")
                let sorts = plan.contains { $0.contains("TEMP B-TREE") }
                let isOfNew = search.state == .new && search.user == nil
                #expect(sorts == (Self.isByNumber(search) || isOfNew), "\(search): \(plan)")
                let index = plan.first { $0.contains(" orders ") } ?? ""
                #expect(index.contains(Self.expectedIndex(search, listing.sequence)), "\(search): \(plan)")
            }
        }
    }

    @Test
    func `an end of a period limits the part of the index that is read`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            try await scratch.connection().read { db in
                for user in [nil, UserID("u-1")!] {
                    let search = OrderSearch(user: user, createdAfter: at(1), createdBefore: at(9))
                    let plan = try plan(ListStatement(OrderListing(search, limit: 2), in: .sqlite), db)
                    #expect(plan.count == 1 && plan[0].contains("created_at>? AND "), "\(plan)")
                    #expect(plan[0].contains("<(?,?)") || plan[0].contains("created_at<?"), "\(plan)")
                }
            }
        }
    }

    @Test(arguments: [
        (EventListing(kind: .orderClosed, limit: 2), "events_by_kind (kind=? AND id>?)"),
        (
            EventListing(kind: .orderClosed, order: orderNumber("order_1"), limit: 2),
            "events_of_order (order_number=? AND id>?)"
        ),
    ])
    func `a list of events reads those of its kind or of its order`(
        _ listing: EventListing, _ index: String
    ) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let plan = try await scratch.connection().read { db in
                let statement = EventListStatement(listing, in: .sqlite)
                return try explained(statement.sql, statement.values, db)
            }
            #expect(plan.count == 1 && plan[0].contains(index), "\(plan)")
        }
    }

    @Test(arguments: [
        NumberStatements.ofTrade, NumberStatements.ofTransaction, NumberStatements.ofRefund, NumberStatements.payments,
        NumberStatements.refunds,
    ])
    func `a number is looked up by an index`(_ sql: String) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let plan = try await scratch.connection().read { db in
                let arguments = StatementArguments(Array(repeating: 1, count: sql.count { $0 == "?" }))
                return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map {
                    $0["detail"] as String
                }
            }
            #expect(plan.contains { $0.hasPrefix("SEARCH") }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
        }
    }
}
