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

/// The JSON of `paypage webhooks list`.
struct EndpointListJSON: Encodable {
    struct Entry: Encodable {
        let name: String
        let origin: String
        let is_configured: Bool
        /// Left out for an endpoint that gets every event.
        let types: [String]?
        let pending: Int
        let parked: Int
        let waits_since: Timestamp?
        let added_at: Timestamp

        init(_ endpoint: EndpointStanding) {
            name = endpoint.entry.name.text
            origin = endpoint.entry.origin
            is_configured = endpoint.isActive
            types = endpoint.entry.kinds.map { $0.map(\.rawValue).sorted() }
            pending = endpoint.pending
            parked = endpoint.parked
            waits_since = endpoint.waitsSince.map(Timestamp.init)
            added_at = Timestamp(endpoint.addedAt)
        }
    }

    let endpoints: [Entry]

    init(_ endpoints: [EndpointStanding]) {
        self.endpoints = endpoints.map(Entry.init)
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
