/// A text from others for a terminal: characters that control the terminal are replaced by spaces.
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
