/// The decision of a person about disputed money.
public enum DisputeVerdict: String, CaseIterable, Sendable {
    /// The money counts as if it arrived now.
    case accept
    /// The money goes back in full.
    case refund
}

/// A person's decision about disputed money, with who decided and why.
public struct DisputeRuling: Hashable, Sendable {
    public let verdict: DisputeVerdict
    public let by: PersonName
    public let reason: RulingReason

    public init(_ verdict: DisputeVerdict, by: PersonName, reason: RulingReason) {
        self.verdict = verdict
        self.by = by
        self.reason = reason
    }
}

/// The name of a person who decided something: 1 to 64 characters without control characters.
public struct PersonName: PrintableText {
    public static let longest = 64

    public let text: String

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        guard text.isPrintable(upTo: Self.longest) else { return nil }
        self.text = text
    }
}

/// Why a person decided something: 1 to 200 characters without control characters.
public struct RulingReason: PrintableText {
    public static let longest = 200

    public let text: String

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        guard text.isPrintable(upTo: Self.longest) else { return nil }
        self.text = text
    }
}
