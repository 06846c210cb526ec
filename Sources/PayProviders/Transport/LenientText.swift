/// A text for people in a provider's answer. A value of another kind is no text, and makes the answer no other.
struct LenientText: Decodable, Hashable, Sendable {
    let text: String?

    init(_ text: String?) {
        self.text = text
    }

    init(from decoder: any Decoder) throws {
        text = try? decoder.singleValueContainer().decode(String.self)
    }
}
