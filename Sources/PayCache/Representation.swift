package import PayCore

/// The forms in which a stored page is available.
package enum Representation: String {
    case html = "text/html"
    case text = "text/plain"
    case svg = "image/svg+xml"
    case png = "image/png"
    case json = "application/json"

    /// The natural form for a kind of page.
    package static func natural(for kind: PageKind) -> Representation { kind == .html ? .html : .text }

    /// The value of `Content-Type`.
    package var contentType: String {
        switch self {
        case .html, .text: "\(rawValue); charset=utf-8"
        case .svg, .png, .json: rawValue
        }
    }

    package var isPicture: Bool { self == .svg || self == .png }
}
