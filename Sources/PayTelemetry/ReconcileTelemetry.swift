import Logging
import Metrics
import PayCore
import PayFlow

extension FlowTelemetry {
    private static let differences = "paypage_reconciliation_differences"
    private static let age = "paypage_reconciliation_age_seconds"

    /// The age has no series before the first bill is loaded: zero would mean that the bills are up to date.
    static func declareReconciliation(on metrics: PrometheusMetrics, channel: (name: String, values: [String])) {
        metrics.declare(
            differences, .gauge, help: "Open differences between the bills and the books.",
            labels: PrometheusMetrics.combinations(
                of: [channel, ("kind", DifferenceKind.allCases.map(\.rawValue))]))
        metrics.declare(
            age, .gauge, help: "Seconds since the end of the last day whose bill is loaded.", labels: [])
    }

    func saw(_ observation: ReconcileObservation) {
        switch observation {
        case .billLoaded(let channel, let day, let rows):
            logger.info(
                "provider bill loaded",
                metadata: [
                    "provider.channel": "\(channel)", "bill.day": "\(day)", "bill.rows": .stringConvertible(rows),
                ])
        case .noBill(let channel, let day):
            logger.info(
                "provider has no bill of the day", metadata: ["provider.channel": "\(channel)", "bill.day": "\(day)"])
        case .billNotLoaded(let channel, let day, let why):
            logger.warning(
                "provider bill not loaded, will retry",
                metadata: ["provider.channel": "\(channel)", "bill.day": "\(day)", "bill.reason": "\(why)"])
        case .billTakenOver(let channel, let day):
            logger.warning(
                "provider bill taken over by another process",
                metadata: ["provider.channel": "\(channel)", "bill.day": "\(day)"])
        case .differenceOpened(let difference):
            logger.error("reconciliation difference opened", metadata: difference.metadata)
        case .openDifferences(let channel, let counts):
            for kind in DifferenceKind.allCases {
                Gauge(label: Self.differences, dimensions: [("channel", channel.name), ("kind", kind.rawValue)])
                    .record(counts[kind] ?? 0)
            }
        case .age(let channel, let age):
            Gauge(label: Self.age, dimensions: [("channel", channel.name)]).record(age.wholeSeconds)
        case .lineNotQueried(let channel, let trade, let why):
            logger.error(
                "reconciliation query failed, will retry",
                metadata: ["provider.channel": "\(channel)", "trade.no": "\(trade)", "error": "\(why)"])
        case .notCompared(let channel, let why):
            logger.error(
                "reconciliation failed, will retry",
                metadata: ["provider.channel": "\(channel)", "error": "\(why)"])
        }
    }
}

extension OpenedDifference {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "difference.id": "\(id)", "difference.kind": "\(finding.kind.rawValue)", "provider.channel": "\(channel)",
            "bill.day": "\(finding.day)",
        ]
        if let order = finding.order { metadata["order.no"] = "\(order)" }
        if let trade = finding.tradeNumber { metadata["trade.no"] = "\(trade)" }
        return metadata
    }
}
