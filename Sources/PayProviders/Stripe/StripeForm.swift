import PayCore

/// A body of `application/x-www-form-urlencoded`: the same fields in the same order are the same bytes, because a key
/// that is sent again must come with the body that it came with first.
struct StripeForm: Sendable {
    private var pairs: [String] = []

    /// Adds a field. Nested fields use the notation of Stripe's clients: `line_items[0][quantity]`.
    mutating func add(_ name: String, _ value: String) {
        pairs.append("\(name.percentEncoded)=\(value.percentEncoded)")
    }

    var text: String { pairs.joined(separator: "&") }

    var bytes: [UInt8] { Array(text.utf8) }
}
