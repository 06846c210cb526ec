import LedgerSQL
import PayCore
import PayFlow

/// Reads whole orders, each table by one statement for all of them.
struct OrderBatchLoad {
    private let numbers: [String]

    init(_ numbers: [OrderNumber]) { self.numbers = numbers.map(\.text).sorted() }

    /// A statement for each table that an order has rows in. The first column is what the rows are grouped by.
    private static let queries: [String] = [
        """
        SELECT order_number, \(AttemptRows.columns.selected) FROM attempts WHERE order_number = ANY ($1::text[])
        ORDER BY order_number, sequence
        """,
        """
        SELECT pages.trade_no, \(PageRows.columns.selected) FROM attempts
        JOIN pages ON pages.trade_no = attempts.trade_no
        WHERE attempts.order_number = ANY ($1::text[]) ORDER BY pages.id
        """,
        """
        SELECT order_number, \(ReceiptRows.columns.selected) FROM receipts WHERE order_number = ANY ($1::text[])
        ORDER BY id
        """,
        """
        SELECT order_number, \(RefundRows.columns.selected) FROM refunds WHERE order_number = ANY ($1::text[])
        ORDER BY id
        """,
    ]

    private static let selection = "SELECT \(OrderRows.loaded) FROM orders WHERE number = ANY ($1::text[])"

    /// Locks the orders' rows before anything else of them is read, and leaves out those that another transaction holds.
    /// The statement behind it tells those from orders that are not stored.
    private static let locking = "\(selection) ORDER BY number FOR NO KEY UPDATE SKIP LOCKED"
    private static let stored = "SELECT number FROM orders WHERE number = ANY ($1::text[])"

    /// The orders that are locked now, and the numbers of those that another transaction holds.
    struct Locked {
        let orders: [String: Order]
        let held: Set<String>
        /// For an order that is not stored yet.
        let numbering: Numbering
    }

    /// - Parameter perhapsAbsent: numbers of orders that are probably not stored. Their parts are read behind their own
    ///   rows, if there are any.
    func lock(_ db: any LaneConnection, perhapsAbsent: Set<String> = []) throws -> Locked {
        let present = numbers.filter { !perhapsAbsent.contains($0) }
        let first = [Query(RestoreRows.count)] + [Self.locking, Self.stored].map { Self.query($0, numbers) }
        let rows = try db.pipeline(first + Self.parts(of: present))
        let stored = Set(rows[2].map { $0.text(0) ?? "" })
        var parts = [Array(rows.dropFirst(first.count))]
        let late = stored.intersection(perhapsAbsent).sorted()
        if !late.isEmpty { parts.append(try db.pipeline(Self.parts(of: late))) }
        let orders = try Self.orders(rows[1], parts)
        return Locked(
            orders: orders, held: stored.subtracting(orders.keys),
            numbering: Numbering(restores: rows[0].map { Int($0.integer(0)) }.first ?? 0))
    }

    /// The statement of a read of the orders' own rows, without locks.
    var own: Query { Self.query(Self.selection, numbers) }

    /// The statements of the orders' other rows. Their results, with those of ``own``, are for ``orders(_:)``.
    var parts: [Query] { Self.parts(of: numbers) }

    static func orders(_ rows: some Collection<Rows>) throws -> [String: Order] {
        guard let own = rows.first else { return [:] }
        return try orders(own, [Array(rows.dropFirst())])
    }

    private static func parts(of numbers: [String]) -> [Query] {
        numbers.isEmpty ? [] : queries.map { query($0, numbers) }
    }

    private static func query(_ sql: String, _ numbers: [String]) -> Query { Query(sql, [.texts(numbers)]) }

    /// - Parameter parts: results of ``queries``, each for some of the orders.
    private static func orders(_ own: Rows, _ parts: [[Rows]]) throws -> [String: Order] {
        let parts = parts.filter { !$0.isEmpty }
        let pages = try grouped(parts.map { $0[1] }, PageRows.columns, PageRows.page)
        let receipts = try grouped(parts.map { $0[2] }, ReceiptRows.columns, ReceiptRows.receipt)
        let refunds = try grouped(parts.map { $0[3] }, RefundRows.columns, RefundRows.refund)
        let attempts = try grouped(parts.map { $0[0] }, AttemptRows.columns) { row in
            try AttemptRows.attempt(row) { pages[$0.text] ?? [] }
        }
        let orders = try own.map { found in
            let number = found.text(0) ?? ""
            let row = try OrderRows.Loaded(found, key: number)
            let order = row.order(
                attempts: attempts[number] ?? [], receipts: receipts[number] ?? [], refunds: refunds[number] ?? [])
            return (number, order)
        }
        return Dictionary(orders) { first, _ in first }
    }

    private static func grouped<Value>(
        _ results: [Rows], _ columns: Columns, _ read: (StoredRow) throws -> Value
    ) throws -> [String: [Value]] {
        var groups: [String: [Value]] = [:]
        for rows in results {
            for place in 0..<rows.count {
                let key = rows[place].text(0) ?? ""
                groups[key, default: []].append(try read(StoredRow(columns, key: key, in: rows[place], from: 1)))
            }
        }
        return groups
    }
}
