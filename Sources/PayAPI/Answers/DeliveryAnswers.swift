package import PayCore
package import PayFlow

/// A delivery in an answer.
package struct DeliveryAnswerBody: Encodable {
    let id: Int64
    let endpoint: String
    /// The `webhook-id` that the endpoint is sent.
    let webhook_id: String
    let type: String
    let out_trade_no: String
    /// The time of the event, as in the webhook itself.
    let timestamp: Timestamp
    let state: String
    let tries: Int
    /// Only for a pending delivery to a configured endpoint.
    let next_at: Timestamp?
    let delivered_at: Timestamp?
    let last_answer: String?
    /// Only in the answer for one delivery.
    let attempts: [Attempt]?

    struct Attempt: Encodable {
        let number: Int
        let began_at: Timestamp
        let duration_ms: Int64
        let outcome: String
        let status: Int?
        let answer: String
        let excerpt: String?

        init(_ attempt: DeliveryAttempt) {
            number = attempt.number
            began_at = Timestamp(attempt.beganAt)
            duration_ms = attempt.took.wholeMilliseconds
            outcome = attempt.outcome.rawValue
            status = attempt.status
            answer = attempt.answer
            excerpt = attempt.excerpt
        }
    }

    private init(_ record: DeliveryRecord, attempts: [DeliveryAttempt]?) {
        id = record.id.number
        endpoint = record.endpoint.text
        webhook_id = record.messageID
        type = record.kind.rawValue
        out_trade_no = record.order.text
        timestamp = Timestamp(record.occurredAt)
        state = record.state.rawValue
        tries = record.tries
        next_at = record.state == .pending && record.isEndpointActive ? Timestamp(record.nextAt) : nil
        delivered_at = record.deliveredAt.map(Timestamp.init)
        last_answer = record.lastAnswer
        self.attempts = attempts?.map(Attempt.init)
    }

    package init(_ record: DeliveryRecord) {
        self.init(record, attempts: nil)
    }

    package init(_ detail: DeliveryDetail) {
        self.init(detail.record, attempts: detail.attempts)
    }
}

/// A list of deliveries.
package struct DeliveryListAnswer: Encodable {
    let deliveries: [DeliveryAnswerBody]
    let next_cursor: String?

    package init(_ records: [DeliveryRecord], next: DeliveryID? = nil) {
        deliveries = records.map { DeliveryAnswerBody($0) }
        next_cursor = next?.description
    }
}

/// An endpoint's answer to a test.
package struct EndpointTestAnswer: Encodable {
    let endpoint: String
    let webhook_id: String
    let accepted: Bool
    let answer: String
    let status: Int?
    let duration_ms: Int64
    let excerpt: String?

    package init(_ result: EndpointTestResult) {
        endpoint = result.endpoint.text
        webhook_id = result.messageID
        accepted = result.reply.answer == .accepted
        answer = result.reply.answer.words
        status = result.reply.status
        duration_ms = result.took.wholeMilliseconds
        excerpt = result.reply.excerpt
    }
}
