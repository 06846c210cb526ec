import Foundation
import PayCore
import PayFlow

/// A table of webhooks.
struct DeliveryTable {
    private let records: [DeliveryRecord]

    init(_ records: [DeliveryRecord]) {
        self.records = records
    }

    var text: String {
        guard !records.isEmpty else { return "no webhooks" }
        let head = ["ID", "EVENT", "ENDPOINT", "ORDER", "OCCURRED", "STATE", "TRIES", "LAST ANSWER"]
        return TextTable(head: head, rows: records.map(cells)).text
    }

    private func cells(_ record: DeliveryRecord) -> [String] {
        [
            "\(record.id)", record.kind.rawValue, "\(record.endpoint)", "\(record.order)", time(record.occurredAt),
            state(record),
            "\(record.tries)", record.lastAnswer ?? "-",
        ]
    }

    private func state(_ record: DeliveryRecord) -> String {
        switch record.state {
        case .pending where !record.isEndpointActive: "pending, endpoint not configured"
        case .pending: "pending, next \(time(record.nextAt))"
        case .delivered: "delivered \(record.deliveredAt.map(time) ?? "")"
        case .parked: "parked"
        }
    }

    private func time(_ instant: Instant) -> String { instant.wholeSeconds }
}

/// A delivery with its tries, for a person.
struct DeliveryReport {
    private let detail: DeliveryDetail

    init(_ detail: DeliveryDetail) {
        self.detail = detail
    }

    var text: String {
        let record = detail.record
        let attempts = TextTable(
            head: ["TRY", "BEGAN", "TOOK", "STATUS", "OUTCOME", "ANSWER OF THE ENDPOINT"],
            rows: detail.attempts.map { attempt in
                [
                    "\(attempt.number)", attempt.beganAt.wholeSeconds, "\(attempt.took.wholeMilliseconds) ms",
                    attempt.status.map(String.init) ?? "-", attempt.answer,
                    attempt.excerpt.map { PlainText($0).description } ?? "-",
                ]
            })
        let lines = [
            DeliveryTable([record]).text, "webhook-id: \(record.messageID)",
            detail.attempts.isEmpty ? "no try is stored" : attempts.text,
        ]
        return lines.joined(separator: "\n")
    }
}

/// A table of webhook endpoints.
struct EndpointTable {
    private let endpoints: [EndpointStanding]

    init(_ endpoints: [EndpointStanding]) {
        self.endpoints = endpoints
    }

    var text: String {
        guard !endpoints.isEmpty else { return "no webhook endpoint was ever configured" }
        let head = ["NAME", "ORIGIN", "CONFIGURED", "EVENTS", "PENDING", "PARKED", "WAITS SINCE"]
        return TextTable(
            head: head,
            rows: endpoints.map { endpoint in
                [
                    "\(endpoint.entry.name)", endpoint.entry.origin, endpoint.isActive ? "yes" : "no",
                    endpoint.entry.kinds.map { $0.map(\.rawValue).sorted().joined(separator: ",") } ?? "all",
                    "\(endpoint.pending)", "\(endpoint.parked)", endpoint.waitsSince?.wholeSeconds ?? "-",
                ]
            }
        ).text
    }
}

extension Instant {
    /// In UTC, as the API writes it.
    fileprivate var wholeSeconds: String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    }
}
