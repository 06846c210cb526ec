/// A text that must not appear in a log, an error or a debugger: a key, a token's secret.
///
/// It prints as `<secret>`. ``reveal()`` is the only way to the text, so every use can be found.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public init(_ text: String) {
        self.text = text
    }

    public func reveal() -> String { text }

    /// The length in UTF-8 bytes, for rules about a shortest secret.
    public var byteCount: Int { text.utf8.count }

    public var description: String { "<secret>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
