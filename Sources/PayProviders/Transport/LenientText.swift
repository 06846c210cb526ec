/// A human-readable text in a provider's answer. A value of another JSON type is read as nil and does not fail
/// decoding.
struct LenientText: Decodable, Hashable, Sendable {
    let text: String?

    init(_ text: String?) {
        self.text = text
    }

    init(from decoder: any Decoder) throws {
        text = try? decoder.singleValueContainer().decode(String.self)
    }
}
