/// The settings of a session. They hold until the connection is closed.
package struct SessionSettings: Sendable {
    /// The longest wait for any answer of the server.
    package var answerLimit: Duration
    private var settings: [(name: String, value: String)]

    /// - Parameter lockTimeout: the longest wait for a row that another transaction has locked.
    package init(
        answerLimit: Duration = .seconds(5), statementTimeout: Duration = .seconds(4),
        lockTimeout: Duration = .seconds(2)
    ) {
        self.answerLimit = answerLimit
        settings = [
            // A plan made for young tables without statistics reads them whole.
            ("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"), ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"), ("jit", "off"),
            ("statement_timeout", Self.milliseconds(statementTimeout)),
            ("lock_timeout", Self.milliseconds(lockTimeout)),
            ("idle_in_transaction_session_timeout", "10s"), ("client_connection_check_interval", "1s"),
            ("default_transaction_isolation", "read committed"),
            // Warnings tell of commits that no standby has.
            ("client_min_messages", "warning"),
        ]
    }

    /// For work that takes minutes, such as a migration: no statement times out, and any plan is allowed.
    package static var patient: SessionSettings {
        var patient = SessionSettings(answerLimit: .seconds(3_600))
        patient.settings = [("client_min_messages", "warning"), ("client_connection_check_interval", "1s")]
        return patient
    }

    /// For transactions that store nothing: none waits for the disk or a standby.
    static var undurable: SessionSettings {
        var undurable = SessionSettings()
        undurable.settings.append(("synchronous_commit", "off"))
        return undurable
    }

    var query: Query {
        let calls = (0..<settings.count).map { "set_config($\(2 * $0 + 1), $\(2 * $0 + 2), false)" }
        return Query(
            "SELECT " + calls.joined(separator: ", "), settings.flatMap { [.text($0.name), .text($0.value)] })
    }

    private static func milliseconds(_ duration: Duration) -> String { "\(duration / .milliseconds(1))ms" }
}
