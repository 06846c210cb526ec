/// A JSON text, read by the grammar of RFC 8259 and nothing beyond it.
///
/// Foundation's decoder reads `99.00` and `9.9e1` as the integer 99, keeps one of two fields with the same name, and
/// accepts UTF-16. Here numbers keep their spelling, repeated names are reported, and only UTF-8 is accepted.
public struct JSONDocument: Sendable {
    /// The names and indices that lead from the root to a value.
    public typealias Path = [String]

    public let root: JSONNode
    /// The names that occur more than once in their object. At most ``mostFindings`` are kept.
    public let repeatedNames: Set<Path>
    /// Whether a number has a fraction or an exponent, whatever its value.
    public let hasNonIntegers: Bool

    /// A body of this API has two levels.
    public static let deepestNesting = 16
    /// A text with more findings is refused for the first ones.
    public static let mostFindings = 64

    /// Nil if the bytes are not one JSON text in UTF-8, or are nested too deeply.
    public init?(_ json: [UInt8]) {
        var reader = JSONReader(json)
        guard let root = reader.document() else { return nil }
        self.root = root
        repeatedNames = reader.repeatedNames
        hasNonIntegers = reader.hasNonIntegers
    }
}

public enum JSONNode: Hashable, Sendable {
    case null
    case flag(Bool)
    /// A number without a fraction or an exponent. Nil if it exceeds 64 bits.
    case integer(Int64?)
    /// A number with a fraction or an exponent, whatever its value.
    case nonInteger
    case text(String)
    case list([JSONNode])
    /// In the order of the text.
    case object([JSONMember])
}

public struct JSONMember: Hashable, Sendable {
    public let name: String
    public let value: JSONNode

    package init(name: String, value: JSONNode) {
        self.name = name
        self.value = value
    }
}

extension [JSONMember] {
    /// The value with this name. Nil if it is missing or `null`, which mean the same here.
    public subscript(name: String) -> JSONNode? {
        first { $0.name == name }.flatMap { $0.value == .null ? nil : $0.value }
    }
}
