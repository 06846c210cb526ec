import PayCore

/// Formats server-sent events (HTML Living Standard, section 9.2).
enum EventText {
    /// How long a client waits before it reconnects, in milliseconds.
    static let retry = "retry: 2000\n\n"
    /// A comment, which clients ignore. It keeps the connection open.
    static let heartbeat = ": still here\n\n"

    /// An event without a name. A line break in the data starts another `data` line. A line break in the id would end
    /// the field, so the id must be a single word.
    static func event(id: String, data: String) -> String {
        precondition(isID(id), "an event id must be 1 to 64 visible ASCII characters")
        let lines = data.split(omittingEmptySubsequences: false) { ["\r\n", "\r", "\n"].contains($0) }
        return "id: \(id)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
    }

    /// In bytes. Our own ids have at most a third of that.
    static let longestID = 64

    /// Whether a text is a possible event id: 1 to 64 visible ASCII characters.
    static func isID(_ text: String) -> Bool {
        text.isVisibleASCII(1...longestID)
    }
}
