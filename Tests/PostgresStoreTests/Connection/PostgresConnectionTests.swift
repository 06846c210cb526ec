import LedgerSQL
import StoreTestSupport
import Testing

@testable import PostgresStore

@Suite(StoreKind.needsPostgres)
struct PostgresConnectionTests {
    private func connect(_ settings: SessionSettings = SessionSettings()) throws -> PostgresConnection {
        try PostgresConnection(try #require(ServerAddress(try PostgresServer.uri(of: "postgres"))), settings)
    }

    @Test func `a statement takes integers, texts and null, and gives them back`() throws {
        let db = try connect()
        let found = try db.prepared("SELECT :a::bigint, :b::text, :c::text, :a::bigint = 1, 3::smallint, 2.5")
            .first([Int64.min, "Grüße 'n\\", nil]) { row in
                #expect((0..<6).map { row.kind($0) } == [.integer, .text, .null, .integer, .integer, .other])
                return (row.integer(0), row.text(1), row.integer(3), row.integer(4))
            }
        let row = try #require(found)
        #expect(row.0 == .min && row.1 == "Grüße 'n\\" && row.2 == 0 && row.3 == 3)
    }

    @Test func `sums of bigint are integers`() throws {
        let sum = try connect().prepared("SELECT sum(x) FROM (VALUES (5::bigint), (-7)) AS t (x)").first { row in
            #expect(row.kind(0) == .integer)
            return row.integer(0)
        }
        #expect(sum == -2)
    }

    @Test func `arrays of texts and integers keep null and the empty text`() throws {
        let texts: [String?] = ["a", nil, "", "{,\"}"]
        let integers: [Int64?] = [1, nil, .min, .max]
        let rows = try connect().query(
            Query("SELECT * FROM unnest($1::text[], $2::bigint[])", [.texts(texts), .integers(integers)]))
        #expect(rows.map { $0.kind(0) == .null ? nil : $0.text(0) } == texts)
        #expect(rows.map { $0.kind(1) == .null ? nil : $0.integer(1) } == integers)
        let none = try connect().query(Query("SELECT cardinality($1::text[])", [.texts([])]))
        #expect(none[0].integer(0) == 0)
    }

    @Test func `a text with U+0000 is refused before it is sent`() throws {
        let db = try connect()
        for parameter in [QueryParameter.text("a\0b"), .texts(["a\0b"])] {
            #expect(throws: PostgresFailure.self) { try db.query(Query("SELECT $1", [parameter])) }
        }
        #expect(try db.query(Query("SELECT 1")).count == 1)
    }

    @Test func `a pipeline gives the rows of each statement, and throws the first error`() throws {
        let db = try connect()
        let rows = try db.pipeline([Query("SELECT 1"), Query("SELECT 2 UNION SELECT 3"), Query("SELECT 1")])
        #expect(rows.map(\.count) == [1, 2, 1])
        do {
            _ = try db.pipeline([Query("SELECT 4"), Query("SELECT 1 / 0"), Query("SELECT no_such_column")])
            Issue.record("no error was thrown")
        } catch let failure as PostgresFailure {
            #expect(failure.sqlState == SQLState("22012"))
        }
        // The failed pipeline prepared one statement and not the other.
        #expect(try db.pipeline([Query("SELECT 4"), Query("SELECT 1")]).map { $0[0].integer(0) } == [4, 1])
    }

    @Test func `an error names its rule, and quotes no value`() throws {
        let db = try connect()
        try db.execute("CREATE TEMP TABLE t (a text, CONSTRAINT short CHECK (length(a) < 3)); SELECT 1")
        do {
            try db.prepared("INSERT INTO t VALUES (?)").run(["a secret"])
            Issue.record("no error was thrown")
        } catch let failure as PostgresFailure {
            #expect(failure.constraint == "short" && failure.table == "t" && failure.sqlState.kind == "23")
            #expect(!"\(failure)".contains("secret"))
        }
        do {
            _ = try db.query(Query("SELECT $1::bigint", [.text("a secret")]))
            Issue.record("no error was thrown")
        } catch let failure as PostgresFailure {
            #expect(!"\(failure)".contains("secret"))
        }
    }

    @Test func `changes are the rows of the last statement`() throws {
        let db = try connect()
        try db.execute("CREATE TEMP TABLE t (a text)")
        try db.prepared("INSERT INTO t VALUES ('a'), ('b')").run()
        #expect(db.changes == 2)
        try db.prepared("DELETE FROM t WHERE a = ?").run(["c"])
        #expect(db.changes == 0)
    }

    @Test func `megabytes in both directions do not block each other`() throws {
        let db = try connect()
        let large = String(repeating: "x", count: 2_000_000)
        let rows = try db.pipeline((0..<8).map { _ in Query("SELECT $1::text", [.text(large)]) })
        #expect(rows.allSatisfy { $0[0].text(0)?.utf8.count == 2_000_000 })
    }

    @Test func `a server that does not answer in time costs the connection`() throws {
        let db = try connect(SessionSettings(answerLimit: .milliseconds(20)))
        #expect(throws: ConnectionLost.timedOut) { try db.query(Query("SELECT pg_sleep(5)")) }
        #expect(throws: ConnectionLost.self) { try db.query(Query("SELECT 1")) }
    }

    @Test func `a connection that the server ends throws at the next statement`() throws {
        let (db, other) = (try connect(), try connect())
        let process = try db.query(Query("SELECT pg_backend_pid()"))[0].integer(0)
        _ = try other.query(Query("SELECT pg_terminate_backend($1::int)", [.integer(process)]))
        #expect(throws: (any Error).self) {
            // The end may come behind the first statement.
            for _ in 0..<100 { _ = try db.query(Query("SELECT 1")) }
        }
        #expect(throws: ConnectionLost.self) { try db.query(Query("SELECT 1")) }
    }

    @Test func `a commit of an aborted transaction is no commit`() throws {
        let db = try connect()
        _ = try db.query(Query("BEGIN"))
        _ = try? db.query(Query("SELECT 1 / 0"))
        #expect(throws: CommitFailure.rolledBack) { try db.commit([]) }
    }

    @Test func `a commit with a warning is no success`() throws {
        let db = try connect()
        // COMMIT outside a transaction is the warning that needs no second server.
        #expect(throws: CommitFailure.warned(SQLState("25P01"))) { try db.commit([]) }
    }

    @Test func `an address that can't be read tells nothing of itself`() throws {
        #expect(ServerAddress("postgresql://user:secret@host:port/db?nothing=1") == nil)
        let address = try #require(ServerAddress("postgresql://user:secret@127.0.0.1:1/db"))
        #expect(!"\(address)".contains("secret"))
        do {
            _ = try PostgresConnection(address)
            Issue.record("connected")
        } catch let lost as ConnectionLost {
            #expect(!"\(lost)".contains("secret"))
        }
    }
}
