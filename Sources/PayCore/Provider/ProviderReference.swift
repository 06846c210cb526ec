/// A provider's own name for a trade, in addition to our trade number (Stripe: `cs_…`).
public struct ProviderReference: Hashable, Sendable, CustomStringConvertible {
    public static let longest = 255

    public let text: String

    /// Nil unless `text` is 1 to 255 visible ASCII characters.
    public init?(_ text: String) {
        guard text.isVisibleASCII(1...Self.longest) else { return nil }
        self.text = text
    }

    public var description: String { text }
}
