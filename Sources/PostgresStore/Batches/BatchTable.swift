import LedgerSQL

/// Rows for one statement, which stores them by arrays: an array of each column's values.
struct BatchTable {
    let columns: [String]
    private let table: String
    /// The columns of whole numbers. The others are texts.
    private let integers: Set<String>
    private var rows: [[StoredValue?]] = []

    init(_ table: String, _ columns: [String], integers: Set<String>) {
        self.table = table
        self.columns = columns
        self.integers = integers
    }

    var count: Int { rows.count }

    /// Precondition: a value for each column, in their order.
    mutating func add(_ row: [StoredValue?]) {
        precondition(row.count == columns.count, "a row of other columns")
        rows.append(row)
    }

    /// `(SELECT unnest($1::text[]) AS number, unnest($2::bigint[]) AS amount, …) AS new`. One call of unnest for all
    /// arrays would keep the rows aside first.
    var unnested: String {
        let arrays = zip(1..., columns).map { place, name in
            "unnest($\(place)::\(integers.contains(name) ? "bigint" : "text")[]) AS \(name)"
        }
        return "(SELECT \(arrays.joined(separator: ", "))) AS new"
    }

    var parameters: [QueryParameter] {
        columns.indices.map { place in
            integers.contains(columns[place])
                ? .integers(rows.map { $0[place]?.integer }) : .texts(rows.map { $0[place]?.text })
        }
    }

    /// Nil without rows.
    ///
    /// - Parameter more: expressions for further columns.
    func insertion(_ more: [(column: String, expression: String)] = []) -> Query? {
        guard count > 0 else { return nil }
        let names = (columns + more.map(\.column)).joined(separator: ", ")
        let values = (columns + more.map(\.expression)).joined(separator: ", ")
        return Query("INSERT INTO \(table) (\(names)) SELECT \(values) FROM \(unnested)", parameters)
    }

    /// Inserts the rows, or changes those that are stored already and that `conflict` lets change. The statement fails
    /// unless each row was inserted or changed. Nil without rows.
    ///
    /// - Parameter conflict: a text that begins with `ON CONFLICT`, and its values from `$n` on.
    func insertion(_ conflict: (_ n: Int) -> String, _ values: [QueryParameter]) -> Query? {
        guard count > 0 else { return nil }
        let names = columns.joined(separator: ", ")
        let given = columns.count + values.count + 1
        return Query(
            """
            WITH stored AS (
                INSERT INTO \(table) (\(names)) SELECT \(names) FROM \(unnested)
                \(conflict(columns.count + 1)) RETURNING 1
            )
            SELECT expect_rows(count(*), $\(given)) FROM stored
            """, parameters + values + [.integer(Int64(count))])
    }

    /// Sets all columns but the first ones, by which a row is found. Nil without rows.
    ///
    /// - Parameters:
    ///   - keys: the number of columns that a row is found by.
    ///   - changes: other expressions than `new.column`, by column.
    ///   - more: expressions for further columns.
    func update(
        keys: Int, _ changes: [String: String] = [:], _ more: [(column: String, expression: String)] = []
    ) -> Query? {
        guard count > 0 else { return nil }
        let sets =
            columns.dropFirst(keys).map { "\($0) = \(changes[$0] ?? "new.\($0)")" }
            + more.map { "\($0.column) = \($0.expression)" }
        let found = columns.prefix(keys).map { "old.\($0) = new.\($0)" }
        return Query(
            """
            UPDATE \(table) AS old SET \(sets.joined(separator: ", ")) FROM \(unnested)
            WHERE \(found.joined(separator: " AND "))
            """, parameters)
    }
}

extension StoredValue {
    fileprivate var integer: Int64? {
        if case .integer(let integer) = self { integer } else { nil }
    }

    fileprivate var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
}
