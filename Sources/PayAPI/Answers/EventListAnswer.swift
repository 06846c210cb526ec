import PayCore
package import PayFlow

/// An event as a webhook says it, with its ids.
struct EventAnswerBody: Encodable {
    /// The `webhook-id` of its webhooks.
    let id: String
    /// Grows with the events of an order.
    let number: Int64
    let type: String
    let timestamp: String
    let data: WebhookMessage.Data

    init(_ message: EventMessage) {
        let body = WebhookMessage(message)
        id = message.messageID
        number = message.id.number
        type = body.type
        timestamp = body.timestamp
        data = body.data
    }
}

/// A list of events for a merchant who polls.
package struct EventListAnswer: Encodable {
    let events: [EventAnswerBody]
    /// The value of `after` for the next call, also if there are no more events now.
    let next_cursor: String?
    let has_more: Bool

    package init(_ list: EventList) {
        events = list.events.map(EventAnswerBody.init)
        next_cursor = list.next?.text
        has_more = list.hasMore
    }
}

extension EventCursor {
    /// The API's spelling. Callers must treat it as opaque.
    package var text: String { (change.map { "\($0.era).\($0.transaction)." } ?? "") + "\(number)" }

    package init?(_ text: String) {
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = words.compactMap { Int64($0) }
        guard numbers.count == words.count, numbers.count == 1 || numbers.count == 3, numbers.allSatisfy({ $0 >= 0 })
        else { return nil }
        self.init(
            numbers[numbers.count - 1],
            change: numbers.count == 3 ? ChangeNumber(era: numbers[0], transaction: numbers[1]) : nil)
    }
}
