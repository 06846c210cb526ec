/// Server-sent events as they are spelled (HTML Living Standard, section 9.2).
enum EventText {
    /// How long a client waits before it connects again, in milliseconds.
    static let retry = "retry: 2000\n\n"
    /// A comment: it keeps the connection open and is no event.
    static let heartbeat = ": still here\n\n"

    /// An event without a name. A line break in the data begins another line of it; an id with one would end the field,
    /// so what is no single word is no id.
    static func event(id: String, data: String) -> String {
        precondition(isID(id), "an event's id must be visible characters")
        let lines = data.split(omittingEmptySubsequences: false) { ["\r\n", "\r", "\n"].contains($0) }
        return "id: \(id)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
    }

    /// The longest id of ours is a third of that.
    static let longestID = 64

    /// Whether a client may have this from us: 1 to 64 visible ASCII characters.
    static func isID(_ text: String) -> Bool {
        (1...longestID).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
