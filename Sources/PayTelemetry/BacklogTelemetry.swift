import Metrics
import PayCore
import PayFlow

extension FlowTelemetry {
    private static let attempts = "paypage_attempts"
    private static let refunds = "paypage_refunds_waiting"
    private static let disputes = "paypage_disputes_open"
    private static let deliveries = "paypage_deliveries_waiting"
    private static let oldestDelivery = "paypage_delivery_oldest_seconds"
    private static let databaseBytes = "paypage_database_bytes"
    private static let lastNotice = "paypage_notice_last_seconds"

    /// The age of the last notice has no series before the first notice: zero would mean that one has just come.
    static func declareBacklog(on metrics: PrometheusMetrics, channel: (name: String, values: [String])) {
        metrics.declare(
            attempts, .gauge, help: "Attempts that may take money.",
            labels: PrometheusMetrics.combinations(
                of: [channel, ("state", Backlog.attemptStates.map(\.rawValue))]))
        metrics.declare(
            refunds, .gauge, help: "Refunds that are not finished.",
            labels: PrometheusMetrics.combinations(
                of: [channel, ("state", Backlog.refundStates.map(\.rawValue))]))
        metrics.declare(disputes, .gauge, help: "Disputed payments that wait for a decision.", labels: [[]])
        metrics.declare(
            deliveries, .gauge, help: "Webhook deliveries that are pending or parked.",
            labels: ["pending", "parked"].map { [("state", $0)] })
        metrics.declare(
            oldestDelivery, .gauge, help: "Seconds that the oldest pending webhook delivery has waited.", labels: [[]])
        metrics.declare(databaseBytes, .gauge, help: "Size of the database, in bytes.", labels: [[]])
        metrics.declare(lastNotice, .gauge, help: "Seconds since the last notice that was stored.", labels: [])
    }

    func record(_ backlog: Backlog, at now: Instant) {
        record(backlog.attempts, Self.attempts, backlog.channels, Backlog.attemptStates)
        record(backlog.refunds, Self.refunds, backlog.channels, Backlog.refundStates)
        Gauge(label: Self.disputes).record(backlog.disputes)
        for (state, count) in [("pending", backlog.pendingDeliveries), ("parked", backlog.parkedDeliveries)] {
            Gauge(label: Self.deliveries, dimensions: [("state", state)]).record(count)
        }
        Gauge(label: Self.oldestDelivery)
            .record(backlog.oldestDelivery.map { max(.zero, now - $0).seconds } ?? 0)
        Gauge(label: Self.databaseBytes).record(backlog.databaseBytes)
        for (channel, last) in backlog.lastNotices {
            Gauge(label: Self.lastNotice, dimensions: [("channel", channel.name)])
                .record(max(.zero, now - last).seconds)
        }
    }

    /// Sets the gauge of every channel and state. A state without work is zero.
    private func record<State: RawRepresentable<String> & Hashable>(
        _ counts: [Backlog.Count<State>], _ gauge: String, _ channels: [Channel], _ states: [State]
    ) {
        for channel in channels {
            for state in states {
                let count = counts.first { $0.channel == channel && $0.state == state }?.count ?? 0
                Gauge(label: gauge, dimensions: [("channel", channel.name), ("state", state.rawValue)]).record(count)
            }
        }
    }
}
