/// The key that marks repeated calls as one: 1 to 255 visible ASCII characters (IETF HTTPAPI draft).
public struct IdempotencyKey: Hashable, Sendable {
    public static let longest = 255

    public let text: String

    /// Nil if `text`, without its quotes, breaks this rule. The quoted and the bare spelling are the same key.
    public init?(_ text: String) {
        var bare = text[...]
        if bare.count >= 2, bare.first == "\"", bare.last == "\"" {
            bare = bare.dropFirst().dropLast()
        }
        guard bare.isVisibleASCII(1...Self.longest) else { return nil }
        self.text = String(bare)
    }
}
