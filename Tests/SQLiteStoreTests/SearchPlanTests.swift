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
        (0..<512).map { bits in
            func given<Value>(_ bit: Int, _ value: Value) -> Value? { bits & (1 << bit) == 0 ? nil : value }
            return OrderSearch(
                state: given(0, .paid), user: given(1, UserID("u-1")!), trade: given(2, trade("order_1", 1)),
                transaction: given(3, TransactionID("tx-1")!), refund: given(4, RefundName("r_1")!),
                channel: given(8, Channel("alipay")!),
                createdAfter: given(5, at(1)), createdBefore: given(6, at(100)), updatedAfter: given(7, at(2)))
        }
    }

    private func plan(_ statement: ListStatement, _ db: Database) throws -> [String] {
        let values = statement.values.map { $0 as? any DatabaseValueConvertible }
        return try Row.fetchAll(
            db, sql: "EXPLAIN QUERY PLAN " + statement.sql, arguments: StatementArguments(values)
        ).map { $0["detail"] }
    }

    @Test
    func `no search scans a table, and only a search by number sorts`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            try await scratch.connection().read { db in
                for search in Self.searches() {
                    for sequence in [search.usualSequence, .latestFirst] {
                        let plan = try plan(
                            ListStatement(OrderListing(search, sequence: sequence, limit: 2), in: .sqlite), db)
                        #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(search): \(plan)")
                        let isByNumber = search.trade != nil || search.transaction != nil || search.refund != nil
                        #expect(isByNumber == plan.contains { $0.contains("TEMP B-TREE") }, "\(search): \(plan)")
                        let index = plan.first { $0.contains("SEARCH orders") } ?? ""
                        let expected =
                            if isByNumber {
                                "(number=?)"
                            } else if search.user != nil {
                                "orders_of_user (user_id=?"
                            } else if sequence == .latestFirst {
                                "orders_by_creation ("
                            } else {
                                "orders_by_update ("
                            }
                        #expect(index.contains(expected), "\(search): \(plan)")
                    }
                }
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
