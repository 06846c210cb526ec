/// The merchant's number for an order (`out_trade_no`): 4 to 28 of `[0-9A-Za-z_]`.
///
/// A provider accepts at most 32 characters, and an attempt's `_n` is appended. This leaves 28.
public struct OrderNumber: Hashable, Sendable, CustomStringConvertible {
    public static let lengths = 4...28

    public let text: String

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        guard Self.lengths.contains(text.utf8.count), text.utf8.allSatisfy(\.isASCIIWord) else {
            return nil
        }
        self.text = text
    }

    public var description: String { text }
}

/// The number that a provider knows an attempt by: `{out_trade_no}_{n}`, n = 1, 2, …
public struct TradeNumber: Hashable, Sendable, CustomStringConvertible {
    public let order: OrderNumber
    /// The number of the attempt within the order, from 1.
    public let sequence: Int

    /// A provider accepts at most 32 characters.
    static let longest = 32

    public init(order: OrderNumber, sequence: Int) {
        self.order = order
        self.sequence = sequence
    }

    /// Reads a number from a provider. Nil if it can't be one of ours.
    public init?(_ text: String) {
        guard let underscore = text.lastIndex(of: "_"),
            let order = OrderNumber(String(text[..<underscore])),
            let sequence = Int(text[text.index(after: underscore)...]),
            sequence >= 1, text.hasSuffix("_\(sequence)")
        else { return nil }
        self.init(order: order, sequence: sequence)
    }

    public var text: String { "\(order.text)_\(sequence)" }

    /// False for a long order number after many restores of the database.
    var fitsProviders: Bool { text.utf8.count <= Self.longest }

    public var description: String { text }
}

/// A text written by a person and shown to others.
///
/// Two texts are equal if their bytes are. Swift's own `==` treats two spellings of one letter as equal, and the
/// database does not.
public protocol PrintableText: Hashable, Sendable, CustomStringConvertible {
    var text: String { get }
}

extension PrintableText {
    public static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    public var description: String { text }
}

/// The owner of an order, named by the merchant: 1 to 128 characters without control characters.
public struct UserID: PrintableText {
    public static let longest = 128
    /// In the place of a user id that was blanked. No caller has it, because no text of a caller makes it.
    public static let blanked = UserID()

    public let text: String

    private init() { text = "" }

    /// A stored user id, which may have been blanked.
    public static func stored(_ text: String) -> UserID? { text.isEmpty ? .blanked : UserID(text) }

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        guard text.isPrintable(upTo: Self.longest) else { return nil }
        self.text = text
    }
}

/// The buyer's description of the purchase: 1 to 127 characters without control characters.
///
/// WeChat accepts at most 127. The adapters replace characters that their provider does not accept.
public struct Subject: PrintableText {
    public static let longest = 127
    /// In the place of a subject that was blanked.
    public static let blanked = Subject()

    public let text: String

    private init() { text = "" }

    /// A stored subject, which may have been blanked.
    public static func stored(_ text: String) -> Subject? { text.isEmpty ? .blanked : Subject(text) }

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        guard text.isPrintable(upTo: Self.longest) else { return nil }
        self.text = text
    }
}

/// A configured account at a provider, by its name in the API and the configuration: `alipay`, `sandbox`, …
public struct Channel: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let longest = 32

    public let name: String

    /// Nil unless `name` is 1 to 32 of `[a-z0-9_]`, beginning with a letter.
    public init?(_ name: String) {
        guard let first = name.utf8.first, first.isASCIILowercase, name.utf8.count <= Self.longest,
            name.utf8.allSatisfy({ $0.isASCIIWord && !$0.isASCIIUppercase })
        else { return nil }
        self.name = name
    }

    public static func < (left: Channel, right: Channel) -> Bool { left.name < right.name }

    public var description: String { name }
}

/// The device class that the buyer pays on.
public enum Terminal: String, CaseIterable, Hashable, Sendable {
    /// A desktop browser.
    case pc
    /// A mobile browser.
    case h5
    /// A native app.
    case app
    /// A web page inside WeChat, of an official account. Only WeChat Pay has it.
    case jsapi
    /// A mini program inside WeChat. Only WeChat Pay has it.
    case mini
}

/// The payer that a page is bound to, and the IP address that WeChat's `h5` requires.
public struct Payer: Hashable, Sendable {
    public static let longestOpenID = 128

    /// WeChat's identifier of the user within one app. It is part of a page's identity. Empty for none.
    public let openID: String
    /// The buyer's IP address. It is stored with an attempt's first request and sent again. It is not part of a page's
    /// identity.
    public let clientIP: String?

    public init(openID: String = "", clientIP: String? = nil) {
        self.openID = openID
        self.clientIP = clientIP
    }

    public static let none = Payer()
}

extension String {
    /// Whether the text has 1 to `longest` characters, and none that controls a terminal, a log or a layout: no control
    /// character (C0, DEL, C1), no line or paragraph separator, no direction override.
    func isPrintable(upTo longest: Int) -> Bool {
        // Scalars limit the memory of a grapheme with endless combining marks.
        guard !isEmpty, unicodeScalars.count <= longest * 4, count <= longest else { return false }
        return unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
    }
}
