import PayCore

/// A section of the navigation, in its order.
enum ConsoleSection: CaseIterable, Sendable {
    case overview

    var path: String {
        switch self {
        case .overview: ConsolePath.home
        }
    }

    func title(in words: ConsoleWords) -> String {
        switch self {
        case .overview: words.frame.overview
        }
    }

    /// The least role that sees the section.
    var role: OperatorRole {
        switch self {
        case .overview: .viewer
        }
    }
}
