/// A text of somebody else's on its way to a terminal: what would steer the terminal instead of being read is a space.
struct PlainText: CustomStringConvertible {
    let description: String

    init(_ text: String) {
        description = String(text.unicodeScalars.map { Self.isRead($0) ? Character($0) : " " })
    }

    private static func isRead(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }
}
