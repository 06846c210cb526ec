import CPQ
import LedgerSQL
import Synchronization

@testable import PostgresStore

/// A server in memory that knows what the lanes say to it: transactions, marks, and `INSERT` with a number, which is
/// stored with the commit. It breaks where the script says so.
final class ScriptedServer {
    /// A fault of the server at the n-th message that it gets, counted from 1 over all connections.
    enum Fault {
        /// The statements fail.
        case failure(PostgresFailure)
        /// The connection breaks before the server has done anything.
        case lostBefore
        /// The connection breaks behind what the server has done.
        case lostBehind
        /// The server commits, and warns.
        case warning
    }

    var faults: [Int: Fault] = [:]
    var refusesConnections = 0
    private(set) var messages = 0
    private(set) var connections = 0
    private(set) var stored: [Int64] = []
    /// The marks by lane. A row that is missing was deleted.
    var marks: [String: (term: Int64, mark: Int64)] = [:]
    /// How many rows the next transactions find as locked by others.
    var lockedTries = 0

    func connect() throws -> any LaneConnection {
        if refusesConnections > 0 {
            refusesConnections -= 1
            throw ConnectionLost.notConnected(because: "refused")
        }
        connections += 1
        return ScriptedConnection(self)
    }

    fileprivate func fault() -> Fault? {
        messages += 1
        return faults[messages]
    }

    fileprivate func store(_ numbers: [Int64]) { stored += numbers }
}

/// A connection to the scripted server.
final class ScriptedConnection: LaneConnection {
    private let server: ScriptedServer
    private var isOpen = true
    private var isInTransaction = false
    private var hasFailed = false
    private var written: [Int64] = []
    private var marked: [String: (term: Int64, mark: Int64)] = [:]
    private(set) var changes = 0

    init(_ server: ScriptedServer) { self.server = server }

    func prepared(_ sql: String) throws -> any PreparedStatement { LaneStatement(sql: sql) { try self.query($0) } }

    func pipeline(_ queries: [Query]) throws -> [Rows] {
        try answer { try queries.map(run) }
    }

    func commit(_ queries: [Query]) throws -> [Rows] {
        var warning: CommitFailure?
        let rows = try answer(warn: { warning = .warned(SQLState("01000")) }) {
            let rows = try queries.map(run)
            guard isInTransaction, !hasFailed else { throw CommitFailure.rolledBack }
            finish(keeping: true)
            return rows
        }
        if let warning { throw warning }
        return rows
    }

    func rollback() throws { try answer { finish(keeping: false) } }

    func close() {
        isOpen = false
        finish(keeping: false)
    }

    private func answer<Value>(warn: () -> Void = {}, _ work: () throws -> Value) throws -> Value {
        guard isOpen else { throw ConnectionLost.closed(because: "closed before") }
        let fault = server.fault()
        switch fault {
        case .lostBefore:
            close()
            throw ConnectionLost.closed(because: "lost before")
        case .failure(let failure):
            hasFailed = true
            if failure.isFatal { close() }
            throw failure
        case .warning: warn()
        case .lostBehind, nil: break
        }
        let value: Value
        do {
            value = try work()
        } catch {
            hasFailed = true
            throw error
        }
        if case .lostBehind = fault {
            close()
            throw ConnectionLost.timedOut
        }
        return value
    }

    private func run(_ query: Query) throws -> Rows {
        guard !hasFailed else { throw PostgresFailure(sqlState: SQLState("25P02"), message: "aborted") }
        switch query.sql.split(separator: " ").prefix(2).joined(separator: " ") {
        case "BEGIN":
            isInTransaction = true
            return .made(tag: "BEGIN")
        case "INSERT INTO" where query.sql.contains("commit_marks"):
            server.marks[query.text(0)] = (0, 0)
            return .made(tag: "INSERT 0 1", affected: 1)
        case "SELECT mark_commit($1::uuid,":
            guard let row = server.marks[query.text(0)], row.term == 0, row.mark < query.integer(1) else {
                throw PostgresFailure(sqlState: .laneGivenUp, message: "given up")
            }
            marked[query.text(0)] = (0, query.integer(1))
            return .made(tag: "SELECT 1", affected: 1)
        case "UPDATE commit_marks":
            guard let row = server.marks[query.text(0)] else { return .made(tag: "UPDATE 0") }
            marked[query.text(0)] = (row.term + 1, row.mark)
            return .made(tag: "UPDATE 1", affected: 1, integers: [row.mark])
        case "SELECT 1":
            guard server.lockedTries == 0 else {
                server.lockedTries -= 1
                throw PostgresFailure(sqlState: .lockNotAvailable, message: "locked")
            }
            return .made(tag: "SELECT 1", affected: 1, integers: [1])
        case "INSERT number":
            written.append(query.integer(0))
            return .made(tag: "INSERT 0 1", affected: 1)
        default: return .made(tag: "SELECT \(server.stored.count)", integers: server.stored)
        }
    }

    private func finish(keeping: Bool) {
        if keeping {
            server.store(written)
            server.marks.merge(marked) { $1 }
        }
        (isInTransaction, hasFailed, written, marked) = (false, false, [], [:])
    }
}

extension Query {
    static func insert(_ number: Int64) -> Query { Query("INSERT number", [.integer(number)]) }

    fileprivate func text(_ place: Int) -> String {
        if case .text(let text) = parameters[place] { text } else { "" }
    }

    fileprivate func integer(_ place: Int) -> Int64 {
        if case .integer(let integer) = parameters[place] { integer } else { 0 }
    }
}

extension Rows {
    /// A result with one column of type bigint.
    static func made(tag: String, affected: Int = 0, integers: [Int64] = []) -> Rows {
        let result = PQmakeEmptyPGresult(nil, PGRES_TUPLES_OK)!
        var name = Array("number".utf8CString)
        name.withUnsafeMutableBufferPointer { name in
            var column = PGresAttDesc(
                name: name.baseAddress, tableid: 0, columnid: 0, format: 0, typid: 20, typlen: 8, atttypmod: -1)
            PQsetResultAttrs(result, 1, &column)
        }
        for (row, integer) in zip(CInt(0)..., integers) {
            var text = Array("\(integer)".utf8CString)
            let length = CInt(text.count - 1)
            text.withUnsafeMutableBufferPointer { text in
                _ = PQsetvalue(result, row, 0, text.baseAddress, length)
            }
        }
        return Rows(result, tag: tag, affected: affected)
    }
}
