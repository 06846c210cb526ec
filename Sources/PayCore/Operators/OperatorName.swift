/// The name by which an operator signs in: 1 to 32 of `a-z`, `0-9`, `.`, `_` and `-`, beginning with a letter or a digit.
public struct OperatorName: Hashable, Sendable, CustomStringConvertible {
    public static let longest = 32

    public let text: String

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...Self.longest).contains(bytes.count), let first = bytes.first, Self.isAlphanumeric(first),
            bytes.allSatisfy({ Self.isAlphanumeric($0) || "._-".utf8.contains($0) })
        else { return nil }
        self.text = text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    public var description: String { text }
}
