/// The result of a reload, as `paypage reload` prints it. It names settings, and never shows a value.
struct ReloadReport: Codable, Hashable, Sendable {
    enum Outcome: String, Codable, Sendable {
        /// The changed settings are in use.
        case reloaded
        /// Nothing changed that can change while the service runs.
        case unchanged
        /// The settings have mistakes. The service continues with the old ones.
        case refused
    }

    let outcome: Outcome
    /// The names of the settings that are in use with new values.
    var changed: [String] = []
    /// The names of the changed settings that need a restart.
    var restart: [String] = []
    /// Each mistake, with its fix.
    var mistakes: [String] = []

    var text: String {
        let rest = restart.map { "\($0): changed, restart to apply" }
        switch outcome {
        case .reloaded: return (["reloaded: \(changed.joined(separator: ", "))"] + rest).joined(separator: "\n")
        case .unchanged: return (["nothing to reload"] + rest).joined(separator: "\n")
        case .refused:
            return (["refused, the service continues with the old settings:"] + mistakes).joined(separator: "\n")
        }
    }
}

/// The question of `paypage reload` to the service.
struct ReloadRequest: Codable, Hashable, Sendable {
    /// The name of the person, for the audit.
    let by: String
    /// The host of the command.
    let host: String?
    /// The `PAYPAGE_…` variables that replace those of the service; nil keeps them.
    let environment: [String: String]?
}
