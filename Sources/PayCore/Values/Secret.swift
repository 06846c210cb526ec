/// A text that must not reach a log, an error or a debugger's print-out: a key, a token's secret.
///
/// It prints as `<secret>`; ``reveal()`` is the one way to the text, so that every use can be found.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public init(_ text: String) {
        self.text = text
    }

    public func reveal() -> String { text }

    /// The length in UTF-8 bytes: what a rule about a shortest secret may ask.
    public var byteCount: Int { text.utf8.count }

    public var description: String { "<secret>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
