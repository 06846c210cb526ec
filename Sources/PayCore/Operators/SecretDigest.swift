/// The SHA-256 of a random secret. The secret itself is not stored.
public struct SecretDigest: Hashable, Sendable {
    public static let length = 32

    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// The digest as 64 hexadecimal digits.
    public var text: String { Hexadecimal.text(of: bytes) }

    /// Nil unless `text` is 64 hexadecimal digits in lower case.
    public init?(text: String) {
        guard let bytes = Hexadecimal.bytes(Self.length, ofLowercase: text) else { return nil }
        self.init(bytes)
    }
}
