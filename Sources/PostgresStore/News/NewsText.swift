import PayCore

/// The text of a notification: the node that changed the orders, and their numbers.
enum NewsText {
    static let channel = "paypage"
    /// PostgreSQL takes up to 8,000 bytes: this many of the longest numbers.
    static let mostNumbers = 250

    static func text(of numbers: some Collection<OrderNumber>, by node: String) -> String {
        ([node] + numbers.map(\.text)).joined(separator: " ")
    }

    /// Nil for our own news.
    static func change(_ text: String, heardBy node: String) -> ForeignChangeText? {
        let words = text.split(separator: " ")
        guard let sender = words.first, sender != node else { return nil }
        return ForeignChangeText(numbers: words.dropFirst().compactMap { OrderNumber(String($0)) })
    }
}

/// The orders of a notification of another node.
struct ForeignChangeText: Hashable {
    let numbers: [OrderNumber]
}
