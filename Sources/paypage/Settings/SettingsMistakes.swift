/// Every mistake in the settings, so that all of them can be fixed at once.
struct SettingsMistakes: Error, CustomStringConvertible {
    let all: [SettingMistake]

    /// One mistake per line.
    var description: String { all.map(\.description).joined(separator: "\n") }
}

/// One mistake, with its fix.
///
/// It repeats no value that may be a secret: a secret may have been set for the wrong key.
struct SettingMistake: Hashable, Sendable, CustomStringConvertible {
    enum Subject: Hashable, Sendable {
        case key(String)
        /// An environment variable that belongs to no key.
        case variable(String)
        case configFile(path: String)
    }

    let subject: Subject
    let complaint: Complaint

    var description: String { "\(subject): \(complaint.problem); \(complaint.remedy)" }
}

/// A problem of a value and its fix. The reader knows the key.
struct Complaint: Error, Hashable, Sendable {
    let problem: String
    let remedy: String

    init(_ problem: String, remedy: String) {
        self.problem = problem
        self.remedy = remedy
    }
}

extension SettingMistake.Subject: CustomStringConvertible {
    var description: String {
        switch self {
        case .key(let name) where SettingName.isSettable(name): "\(name) (\(SettingName.variable(for: name)))"
        case .key(let name): name
        case .variable(let name): name
        case .configFile(let path): "--config \(path)"
        }
    }
}

extension SettingMistake {
    init(_ key: SettingKey, _ complaint: Complaint) {
        self.init(subject: .key(key.name), complaint: complaint)
    }
}
