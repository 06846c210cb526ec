import CPQ

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One message of a pipeline.
enum PipelineStep {
    case prepare(name: String, sql: String)
    case run(name: String, ParameterBytes)
}

/// libpq's connection in non-blocking mode, with a wait of our own: every wait for the server has an end.
final class PipelineSocket {
    private let connection: OpaquePointer
    private let notices: Notices
    private let answerLimit: Duration

    /// Blocks until the server has answered.
    init(_ address: ServerAddress, _ notices: Notices, answerLimit: Duration) throws {
        guard let connection = address.connect() else { throw ConnectionLost.notConnected(because: "no memory") }
        self.connection = connection
        self.notices = notices
        self.answerLimit = answerLimit
        guard PQstatus(connection) == CONNECTION_OK else {
            throw ConnectionLost.notConnected(because: Self.message(of: connection))
        }
        notices.receive(from: connection)
        guard PQsetnonblocking(connection, 1) == 0 else { throw lost() }
    }

    deinit { PQfinish(connection) }

    func enterPipeline() throws {
        guard PQenterPipelineMode(connection) == 1 else { throw lost() }
    }

    /// The rows of every statement. The results behind the first error are read and dropped.
    func run(_ steps: [PipelineStep], prepared: (String) -> Void) throws -> [Rows] {
        for step in steps { try send(step) }
        guard PQpipelineSync(connection) == 1 else { throw lost() }
        try flush()
        var found: [Rows] = []
        var failure: PostgresFailure?
        for step in steps {
            let rows = try rows { failure = failure ?? $0 }
            switch step {
            case .prepare(let name, _): if rows != nil { prepared(name) }
            case .run: if let rows { found.append(rows) }
            }
        }
        try readSync { failure = failure ?? $0 }
        if let failure { throw failure }
        return found
    }

    /// Runs several statements as one text, outside pipeline mode, which doesn't allow that.
    func execute(_ script: String) throws {
        guard PQexitPipelineMode(connection) == 1, PQsendQuery(connection, script) == 1 else { throw lost() }
        try flush()
        var failure: PostgresFailure?
        while let result = try nextResult() {
            defer { PQclear(result) }
            if PQresultStatus(result) == PGRES_FATAL_ERROR { failure = try failure ?? self.failure(result) }
        }
        try enterPipeline()
        if let failure { throw failure }
    }

    /// The texts of the notifications that have come, after up to this wait for the first.
    func notifications(within limit: Duration) throws -> [String] {
        var texts = takeNotifications()
        guard texts.isEmpty else { return texts }
        var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, Int32(clamping: Int64(limit / .milliseconds(1)))) > 0 else { return [] }
        try consume()
        texts = takeNotifications()
        return texts
    }

    private func takeNotifications() -> [String] {
        var texts: [String] = []
        while let notification = PQnotifies(connection) {
            texts.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return texts
    }

    private func send(_ step: PipelineStep) throws {
        let isSent =
            switch step {
            case .prepare(let name, let sql): PQsendPrepare(connection, name, sql, 0, nil)
            case .run(let name, let values):
                values.withPointers { values, lengths, formats, count in
                    PQsendQueryPrepared(connection, name, count, values, lengths, formats, 0)
                }
            }
        guard isSent == 1 else { throw lost() }
    }

    /// The result of one step, up to the null behind it. Nil if the step failed or did not run.
    private func rows(_ fail: (PostgresFailure) -> Void) throws -> Rows? {
        var rows: Rows?
        while let result = try nextResult() {
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: rows = Rows(result)
            case PGRES_FATAL_ERROR:
                defer { PQclear(result) }
                fail(try failure(result))
            default: PQclear(result)
            }
        }
        return rows
    }

    /// An error may come here too, when the server commits by itself.
    private func readSync(_ fail: (PostgresFailure) -> Void) throws {
        while true {
            guard let result = try nextResult() else { continue }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC: return
            case PGRES_FATAL_ERROR: fail(try failure(result))
            default: break
            }
        }
    }

    /// An error of the server. Throws if the result is libpq's own error, or the server's last word.
    private func failure(_ result: OpaquePointer) throws -> PostgresFailure {
        guard let failure = PostgresFailure(result) else { throw lost() }
        if failure.isFatal { throw failure }
        return failure
    }

    private func nextResult() throws -> OpaquePointer? {
        while PQisBusy(connection) == 1 {
            try wait(POLLIN)
            try consume()
        }
        let result = PQgetResult(connection)
        // A connection that is gone has results for ever.
        if result == nil, PQstatus(connection) != CONNECTION_OK { throw lost() }
        return result
    }

    /// Sends everything. Reads meanwhile: a server that can't get rid of its answers takes no more statements.
    private func flush() throws {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1:
                if try wait(POLLIN | POLLOUT) & POLLIN != 0 { try consume() }
            default: throw lost()
            }
        }
    }

    private func consume() throws {
        guard PQconsumeInput(connection) == 1 else { throw lost() }
    }

    /// The events of the socket, of these or of its end.
    @discardableResult
    private func wait(_ events: Int32) throws -> Int32 {
        let end = ContinuousClock.now + answerLimit
        var descriptor = pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0)
        while true {
            let left = max(ContinuousClock.now.duration(to: end), .zero)
            let milliseconds = Int32(clamping: Int64((left / .milliseconds(1)).rounded(.up)))
            switch poll(&descriptor, 1, milliseconds) {
            case 0: throw ConnectionLost.timedOut
            case 1...: return Int32(descriptor.revents)
            default: guard errno == EINTR else { throw lost() }
            }
        }
    }

    private func lost() -> ConnectionLost { .closed(because: Self.message(of: connection)) }

    /// libpq's message in one line.
    private static func message(of connection: OpaquePointer) -> String {
        let lines = String(cString: PQerrorMessage(connection)).split(separator: "\n").map { $0.drop { $0 == "\t" } }
        return lines.isEmpty ? "no reason is known" : lines.joined(separator: "; ")
    }
}
