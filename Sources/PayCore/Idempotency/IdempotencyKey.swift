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
        guard (1...Self.longest).contains(bare.utf8.count), bare.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.text = String(bare)
    }
}
