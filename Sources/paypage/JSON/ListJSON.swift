import PayAPI
import PayCore
import PayFlow

/// The JSON of `paypage refunds list`.
struct RefundListJSON: Encodable {
    /// A refund's fields in the API, and those that tell its order.
    struct Entry: Encodable {
        private struct More: Encodable {
            let out_trade_no: String
            let channel: String?
        }

        private let answer: RefundAnswerBody
        private let more: More

        init(_ listed: ListedRefund) {
            answer = RefundAnswerBody(listed.refund)
            more = More(
                out_trade_no: listed.refund.tradeNumber.order.text, channel: listed.channel.name)
        }

        init(_ refund: Refund, of order: Order) {
            answer = RefundAnswerBody(refund)
            more = More(out_trade_no: order.number.text, channel: order.channel(of: refund)?.name)
        }

        func encode(to encoder: any Encoder) throws {
            try answer.encode(to: encoder)
            try more.encode(to: encoder)
        }
    }

    let refunds: [Entry]

    init(_ refunds: [ListedRefund]) {
        self.refunds = refunds.map(Entry.init)
    }
}

/// The JSON of `paypage deliveries list`.
struct DeliveryListJSON: Encodable {
    struct Entry: Encodable {
        let id: Int64
        let type: String
        let out_trade_no: String
        /// The time of the event, as in the webhook itself.
        let timestamp: Timestamp
        let state: String
        let tries: Int
        /// Only for a pending webhook.
        let next_at: Timestamp?
        let delivered_at: Timestamp?
        let last_answer: String?

        init(_ record: DeliveryRecord) {
            id = record.id.number
            type = record.kind.rawValue
            out_trade_no = record.order.text
            timestamp = Timestamp(record.occurredAt)
            state = record.state.rawValue
            tries = record.tries
            next_at = record.state == .pending ? Timestamp(record.nextAt) : nil
            delivered_at = record.deliveredAt.map(Timestamp.init)
            last_answer = record.lastAnswer
        }
    }

    let deliveries: [Entry]

    init(_ records: [DeliveryRecord]) {
        deliveries = records.map(Entry.init)
    }
}

/// The JSON of `paypage doctor`.
struct FindingListJSON: Encodable {
    struct Entry: Encodable {
        let grade: String
        let subject: String
        let text: String
    }

    let findings: [Entry]

    init(_ findings: [Finding]) {
        self.findings = findings.map { Entry(grade: $0.grade.name, subject: $0.subject, text: $0.text) }
    }
}

extension Finding.Grade {
    fileprivate var name: String {
        switch self {
        case .ok: "ok"
        case .warning: "warning"
        case .failure: "failure"
        }
    }
}

/// The JSON of `paypage migrate`.
struct MigrationsJSON: Encodable {
    let database: String
    let applied_before: [String]
    let applied_now: [String]
    let pending: [String]
}

/// The JSON of `paypage channels pause` and `paypage channels resume`.
struct ChannelPauseJSON: Encodable {
    let channel: String
    let paused: Bool
    /// False if the channel was in this state before.
    let changed: Bool

    init(_ channel: Channel, isPaused: Bool, changed: Bool) {
        self.channel = channel.name
        paused = isPaused
        self.changed = changed
    }
}
