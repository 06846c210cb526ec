import Foundation
import LedgerSQL
public import PayCore

/// Asks a server for the facts that the rules are about. Changes nothing.
public enum ServerCheck {
    /// The problems of a server, those that stop a start first. Blocks. Throws if the server can't be reached.
    public static func problems(at uri: Secret, _ durability: Durability) throws -> [ServerProblem] {
        let problems = try reading(of: uri).problems(durability)
        return problems.filter(\.stopsStart) + problems.filter { !$0.stopsStart }
    }

    package static func reading(of uri: Secret) throws -> ServerReading {
        guard let address = ServerAddress(uri.reveal()) else { throw UnreadableAddress() }
        let connection = try PostgresConnection(address)
        defer { connection.close() }
        let isPooled = try isPooled(connection, address)
        var reading = try settings(connection)
        reading.isPooled = isPooled
        reading.standbys = try standbys(connection)
        (reading.clockOffset, reading.clockError) = try clock(connection)
        return reading
    }

    /// A pooler that lends sessions for a transaction gives the first session to whoever asks next. So a second
    /// connection takes it meanwhile.
    private static func isPooled(_ connection: PostgresConnection, _ address: ServerAddress) throws -> Bool {
        let mark = UUID().uuidString
        let ask = Query("SELECT pg_backend_pid(), current_setting('paypage.probe', true)")
        _ = try connection.query(Query("SELECT set_config('paypage.probe', $1, false)", [.text(mark)]))
        let first = try connection.query(ask)[0].integer(0)
        let other = try PostgresConnection(address)
        defer { other.close() }
        _ = try other.pipeline([Query("BEGIN"), Query("SELECT 1")])
        let second = try connection.query(ask)[0]
        try other.rollback()
        return second.integer(0) != first || second.text(1) != mark
    }

    private static let questions = [
        "server_version_num", "server_encoding", "fsync", "full_page_writes", "data_checksums", "autovacuum",
        "synchronous_commit", "synchronous_standby_names",
    ]

    private static func settings(_ connection: PostgresConnection) throws -> ServerReading {
        let columns = questions.map { "current_setting('\($0)')" }.joined(separator: ", ")
        let row = try connection.query(Query("SELECT \(columns), pg_is_in_recovery()"))[0]
        let texts = (0..<questions.count).map { row.text($0) ?? "" }
        return ServerReading(
            version: Int(texts[0]) ?? 0, encoding: texts[1], isStandby: row.integer(questions.count) == 1,
            isPooled: false, fsync: texts[2] == "on", fullPageWrites: texts[3] == "on",
            dataChecksums: texts[4] == "on", autovacuum: texts[5] == "on", synchronousCommit: texts[6],
            synchronousStandbyNames: texts[7], standbys: .hidden, clockOffset: 0, clockError: 0)
    }

    private static func standbys(_ connection: PostgresConnection) throws -> ServerReading.Standbys {
        let states = try connection.query(Query("SELECT sync_state FROM pg_stat_replication")).map { row in
            row.kind(0) == .null ? nil : row.text(0)
        }
        if states.contains(nil) { return .hidden }
        return .connected(states.count { $0 == "sync" || $0 == "quorum" })
    }

    /// The best of five round trips. The server reads its clock in the middle of one.
    private static func clock(_ connection: PostgresConnection) throws -> (offset: Int64, error: Int64) {
        let samples = try (0..<5).map { _ in try ClockSample(connection) }
        let best = samples.min { $0.roundTrip < $1.roundTrip }
        return (best?.offset ?? 0, best?.error ?? 0)
    }
}

/// The address of `database.url` can't be read by libpq. The address isn't told, because it may have a password.
public struct UnreadableAddress: Error, CustomStringConvertible {
    package init() {}

    public let description = "database.url has a part that libpq doesn't know, such as a misspelled option behind ?"
}

/// One comparison of this machine's clock with the server's.
private struct ClockSample {
    let offset: Int64
    let roundTrip: Duration
    var error: Int64 { Int64(roundTrip / .milliseconds(1) / 2) + 1 }

    init(_ connection: PostgresConnection) throws {
        let before = Date()
        let start = ContinuousClock.now
        let row = try connection.query(Query(ServerTime.sql))[0]
        roundTrip = ContinuousClock.now - start
        let middle = before.timeIntervalSince1970 * 1_000 + roundTrip / .milliseconds(1) / 2
        offset = row.integer(0) - Int64(middle.rounded())
    }
}

/// The server's clock in milliseconds since 1970, UTC.
enum ServerTime {
    static let expression = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    static let sql = "SELECT \(expression)"
}
