import CPQ
package import LedgerSQL

/// A connection to PostgreSQL in pipeline mode. It belongs to one thread at a time, which blocks in `poll` for the
/// server's answers, and never for longer than the settings allow.
///
/// Each statement is prepared once. Values and results are texts, whose types the server infers.
package final class PostgresConnection: LaneConnection {
    private var socket: PipelineSocket?
    private let notices = Notices()
    private var preparation = Preparation()
    package private(set) var changes = 0

    /// Connects, and applies the settings. Blocks.
    package init(_ address: ServerAddress, _ settings: SessionSettings = SessionSettings()) throws {
        let socket = try PipelineSocket(address, notices, answerLimit: settings.answerLimit)
        self.socket = socket
        try socket.enterPipeline()
        _ = try pipeline([settings.query])
    }

    package func prepared(_ sql: String) throws -> any PreparedStatement {
        LaneStatement(sql: sql) { try self.query($0) }
    }

    package func pipeline(_ queries: [Query]) throws -> [Rows] {
        let rows = try send(queries)
        if let last = rows.last { changes = last.affected }
        return rows
    }

    package func commit(_ queries: [Query]) throws -> [Rows] {
        let warnings = notices.warnings
        var rows = try send(queries + [Query("COMMIT")])
        guard rows.popLast()?.tag == "COMMIT" else { throw CommitFailure.rolledBack }
        guard notices.warnings == warnings else { throw CommitFailure.warned(notices.lastWarning) }
        return rows
    }

    package func rollback() throws { _ = try send([Query("ROLLBACK")]) }

    package func close() { socket = nil }

    /// Runs a text of several statements without values, such as a migration. Outside a transaction, they are one.
    package func execute(_ script: String) throws { try onSocket { try $0.execute(script) } }

    private func send(_ queries: [Query]) throws -> [Rows] {
        try onSocket { socket in
            let values = try queries.map { try ParameterBytes($0.parameters) }
            var steps: [PipelineStep] = []
            for (query, values) in zip(queries, values) {
                let (name, text) = preparation.name(of: query.sql)
                if let text { steps.append(.prepare(name: name, sql: text)) }
                steps.append(.run(name: name, values))
            }
            defer { preparation.endPipeline() }
            return try socket.run(steps) { preparation.isPrepared($0) }
        }
    }

    /// The notifications that have come, after up to this wait for the first.
    func notifications(within limit: Duration) throws -> [String] {
        try onSocket { try $0.notifications(within: limit) }
    }

    /// Closes the connection behind an error that it doesn't survive.
    private func onSocket<Value>(_ work: (PipelineSocket) throws -> Value) throws -> Value {
        guard let socket else { throw ConnectionLost.closed(because: "it was given up") }
        do {
            return try work(socket)
        } catch let failure as PostgresFailure where !failure.isFatal {
            throw failure
        } catch {
            close()
            throw error
        }
    }
}

/// The names of a connection's prepared statements.
private struct Preparation {
    private var names: [String: String] = [:]
    private var prepared: Set<String> = []
    /// Prepared by the pipeline that is being built.
    private var pending: Set<String> = []

    /// The statement's name, and its text if it has to be prepared first.
    mutating func name(of sql: String) -> (name: String, text: String?) {
        let name = names[sql] ?? "s\(names.count + 1)"
        names[sql] = name
        guard !prepared.contains(name), pending.insert(name).inserted else { return (name, nil) }
        return (name, NumberedParameters(sql).sql)
    }

    mutating func isPrepared(_ name: String) { prepared.insert(name) }

    /// A statement that the pipeline didn't come to is prepared by a later one.
    mutating func endPipeline() { pending = [] }
}
