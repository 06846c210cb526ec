import PayCore

/// An `application/x-www-form-urlencoded` body. The same fields in the same order give the same bytes, because Stripe
/// requires the same body for a repeated key.
struct StripeForm: Sendable {
    private var pairs: [String] = []

    /// Adds a field. Nested fields use the notation of Stripe's clients: `line_items[0][quantity]`.
    mutating func add(_ name: String, _ value: String) {
        pairs.append("\(name.percentEncoded)=\(value.percentEncoded)")
    }

    var text: String { pairs.joined(separator: "&") }

    var bytes: [UInt8] { Array(text.utf8) }
}
