/// A body of `application/x-www-form-urlencoded`: the same fields in the same order are the same bytes, because a key
/// that is sent again must come with the body that it came with first.
struct StripeForm: Sendable {
    private var pairs: [String] = []

    /// Adds a field. A nested one is named as Stripe's clients name it: `line_items[0][quantity]`.
    mutating func add(_ name: String, _ value: String) {
        pairs.append("\(Self.encoded(name))=\(Self.encoded(value))")
    }

    var text: String { pairs.joined(separator: "&") }

    var bytes: [UInt8] { Array(text.utf8) }

    /// Percent-encoded UTF-8 but for the letters that RFC 3986 leaves alone everywhere, so that it fits a path too.
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
