/// An `application/x-www-form-urlencoded` body. The same fields in the same order give the same bytes, because Stripe
/// requires the same body for a repeated key.
struct StripeForm: Sendable {
    private var pairs: [String] = []

    /// Adds a field. Nested fields use the notation of Stripe's clients: `line_items[0][quantity]`.
    mutating func add(_ name: String, _ value: String) {
        pairs.append("\(Self.encoded(name))=\(Self.encoded(value))")
    }

    var text: String { pairs.joined(separator: "&") }

    var bytes: [UInt8] { Array(text.utf8) }

    /// Percent-encodes UTF-8 except RFC 3986's unreserved characters, so that the result fits a path too.
    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
