/// A rule that a server breaks, with what to do.
public struct ServerProblem: Hashable, Sendable {
    /// The rules, in the order in which problems are told.
    public enum Rule: String, CaseIterable, Sendable {
        case version, encoding, standby, pooler, fsync
        case fullPageWrites = "full_page_writes"
        case synchronousCommit = "synchronous_commit"
        case synchronousStandbyNames = "synchronous_standby_names"
        case standbyConnected = "standby_connected"
        case clock
        case dataChecksums = "data_checksums"
        case autovacuum
    }

    public let rule: Rule
    /// Whether `serve` refuses to start: money could be lost, or the service wouldn't work. Otherwise it is a warning.
    public let stopsStart: Bool
    public let text: String
    public let remedy: String

    init(_ rule: Rule, stopsStart: Bool = true, _ text: String, remedy: String) {
        self.rule = rule
        self.stopsStart = stopsStart
        self.text = text
        self.remedy = remedy
    }
}

extension ServerReading {
    /// The rules that the server breaks.
    package func problems(_ durability: Durability) -> [ServerProblem] {
        general + storage(durability) + [replication(durability), clock].compactMap { $0 } + advice(durability)
    }

    private var general: [ServerProblem] {
        var problems: [ServerProblem] = []
        if version < 140_000 {
            problems.append(
                ServerProblem(
                    .version, "the server is PostgreSQL \(version / 10_000)", remedy: "use PostgreSQL 14 or newer"))
        }
        if encoding != "UTF8" {
            problems.append(
                ServerProblem(
                    .encoding, "the database's encoding is \(encoding)",
                    remedy: "create the database with ENCODING 'UTF8' TEMPLATE template0"))
        }
        if isStandby {
            problems.append(
                ServerProblem(
                    .standby, "the server is a standby, which takes no writes",
                    remedy: "name all servers of the cluster in database.url, without target_session_attrs"))
        }
        if isPooled {
            problems.append(
                ServerProblem(
                    .pooler, "a pooler such as PgBouncer is between the service and the server",
                    remedy: "name the server's own address and port in database.url"))
        }
        return problems
    }

    private func storage(_ durability: Durability) -> [ServerProblem] {
        var problems: [ServerProblem] = []
        if durability != .managed {
            if !fsync {
                problems.append(
                    ServerProblem(
                        .fsync, "fsync is off: a crash of the server's machine loses commits", remedy: "set fsync = on")
                )
            }
            if !fullPageWrites {
                problems.append(
                    ServerProblem(
                        .fullPageWrites, "full_page_writes is off: a crash of the server's machine may damage tables",
                        remedy: "set full_page_writes = on"))
            }
        }
        var waiting = ["on", "remote_apply"]
        if durability != .replicated { waiting += ["remote_write", "local"] }
        if !waiting.contains(synchronousCommit) {
            problems.append(
                ServerProblem(
                    .synchronousCommit,
                    "synchronous_commit is \(synchronousCommit): commits are acknowledged before they are stored",
                    remedy: "set synchronous_commit = on for the server, the database and the role"))
        }
        return problems
    }

    private func replication(_ durability: Durability) -> ServerProblem? {
        guard durability == .replicated else { return nil }
        if synchronousStandbyNames.isEmpty {
            return ServerProblem(
                .synchronousStandbyNames, "synchronous_standby_names is empty: a failover loses acknowledged payments",
                remedy: "set synchronous_standby_names, or database.durability = single if one server is meant")
        }
        return switch standbys {
        case .connected(0):
            ServerProblem(
                .standbyConnected, stopsStart: false, "no synchronous standby is connected: commits wait until one is",
                remedy: "start a standby of synchronous_standby_names")
        case .connected: nil
        case .hidden:
            ServerProblem(
                .standbyConnected, stopsStart: false, "the role may not see whether a standby is connected",
                remedy: "grant it pg_monitor")
        }
    }

    private var clock: ServerProblem? {
        let verdict = ClockVerdict(offset: clockOffset, error: clockError)
        guard verdict != .agrees else { return nil }
        let direction = clockOffset < 0 ? "ahead of" : "behind"
        return ServerProblem(
            .clock, stopsStart: verdict == .tooFar,
            "this machine's clock is \(abs(clockOffset)) ms \(direction) the server's",
            remedy: "let NTP set the clocks of both machines")
    }

    private func advice(_ durability: Durability) -> [ServerProblem] {
        var problems: [ServerProblem] = []
        if durability != .managed, !dataChecksums {
            problems.append(
                ServerProblem(
                    .dataChecksums, stopsStart: false, "data checksums are off: a fault of the disk stays unnoticed",
                    remedy: "stop the server and run pg_checksums --enable"))
        }
        if !autovacuum {
            problems.append(
                ServerProblem(
                    .autovacuum, stopsStart: false, "autovacuum is off: tables grow, and queries get slow",
                    remedy: "set autovacuum = on"))
        }
        return problems
    }
}
