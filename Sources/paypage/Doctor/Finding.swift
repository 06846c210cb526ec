/// The result of one check, as a line. It never contains a secret, a key or the query of an address.
struct Finding: Hashable, Sendable, CustomStringConvertible {
    enum Grade: Hashable, Sendable {
        case ok
        /// It works, but not forever or not everywhere.
        case warning
        /// The service wouldn't start, or the channel wouldn't work.
        case failure
    }

    let grade: Grade
    /// The subject of the check.
    let subject: String
    let text: String

    static func ok(_ subject: String, _ text: String) -> Finding {
        Finding(grade: .ok, subject: subject, text: text)
    }

    static func warning(_ subject: String, _ text: String, remedy: String) -> Finding {
        Finding(grade: .warning, subject: subject, text: "\(text); \(remedy)")
    }

    static func failure(_ subject: String, _ text: String, remedy: String) -> Finding {
        Finding(grade: .failure, subject: subject, text: "\(text); \(remedy)")
    }

    var description: String { "\(grade.mark)  \(subject): \(PlainText(text))" }
}

extension Finding {
    init(_ mistake: SettingMistake) {
        self.init(grade: .failure, subject: "settings", text: mistake.description)
    }
}

extension Finding.Grade {
    fileprivate var mark: String {
        switch self {
        case .ok: "ok  "
        case .warning: "warn"
        case .failure: "FAIL"
        }
    }
}
