/// Everything that is wrong with what the service was told, so that it can be put right in one go.
struct SettingsMistakes: Error, CustomStringConvertible {
    let all: [SettingMistake]

    /// A mistake per line.
    var description: String { all.map(\.description).joined(separator: "\n") }
}

/// One thing that is wrong, and what to do about it.
///
/// It never repeats a value, secret or not: a secret may have been written behind the wrong key.
struct SettingMistake: Hashable, Sendable, CustomStringConvertible {
    enum Subject: Hashable, Sendable {
        case key(String)
        /// An environment variable that is no key's.
        case variable(String)
        case configFile(path: String)
    }

    let subject: Subject
    let complaint: Complaint

    var description: String { "\(subject): \(complaint.problem); \(complaint.remedy)" }
}

/// What is wrong with a value, and what to do about it; whose value it is, its reader knows.
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
