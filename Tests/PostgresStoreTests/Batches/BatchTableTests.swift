import LedgerSQL
import Testing

@testable import PostgresStore

@Suite struct BatchTableTests {
    private static func table(
        _ rows: [[StoredValue?]] = [[.text("a"), .integer(1), nil], [.text("b"), nil, .integer(2)]]
    ) -> BatchTable {
        var table = BatchTable("things", ["name", "count", "left_at"], integers: ["count", "left_at"])
        for row in rows { table.add(row) }
        return table
    }

    private static let arrays: [QueryParameter] = [.texts(["a", "b"]), .integers([1, nil]), .integers([nil, 2])]

    @Test func `rows are inserted by an array for each column`() throws {
        let query = try #require(Self.table().insertion())
        #expect(
            query.sql == """
                INSERT INTO things (name, count, left_at) SELECT name, count, left_at \
                FROM (SELECT unnest($1::text[]) AS name, unnest($2::bigint[]) AS count, \
                unnest($3::bigint[]) AS left_at) AS new
                """)
        #expect(query.parameters == Self.arrays)
    }

    @Test func `further columns get the values of expressions`() throws {
        let more = [(column: "made_by", expression: "current_user")]
        let insertion = try #require(Self.table().insertion(more))
        #expect(
            insertion.sql.hasPrefix(
                "INSERT INTO things (name, count, left_at, made_by) SELECT name, count, left_at, current_user FROM"))
        let update = try #require(Self.table().update(keys: 1, [:], more))
        #expect(update.sql.contains("SET count = new.count, left_at = new.left_at, made_by = current_user FROM"))
        #expect(update.parameters == Self.arrays)
    }

    @Test func `an insertion that may leave rows out tells how many it was given`() throws {
        let query = try #require(
            Self.table().insertion({ "ON CONFLICT (name) DO NOTHING /* $\($0) */" }, [.integer(9)]))
        #expect(query.sql.contains("ON CONFLICT (name) DO NOTHING /* $4 */ RETURNING 1"))
        #expect(query.sql.hasSuffix("SELECT expect_rows(count(*), $5) FROM stored"))
        #expect(query.parameters == Self.arrays + [.integer(9), .integer(2)])
    }

    @Test func `a row is found by its first columns, and the others are set`() throws {
        let query = try #require(Self.table().update(keys: 1, ["count": "old.count + 1"]))
        #expect(
            query.sql.hasPrefix(
                "UPDATE things AS old SET count = old.count + 1, left_at = new.left_at FROM (SELECT unnest"))
        #expect(query.sql.hasSuffix("WHERE old.name = new.name"))
    }

    @Test func `without rows there is no statement`() {
        let empty = Self.table([])
        #expect(empty.insertion() == nil && empty.update(keys: 1) == nil && empty.insertion({ _ in "" }, []) == nil)
    }
}
