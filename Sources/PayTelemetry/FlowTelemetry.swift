package import Logging
import Metrics
package import PayCore
package import PayFlow

/// Counts and logs the reports of the flows. The metric names are stable, because dashboards depend on them.
package struct FlowTelemetry: FlowObserver {
    let logger: Logger
    private let codes = CodeLabels()
    private let factory = MetricsSystem.factory
    /// Created once. A lookup for each hit would cost more than the counting itself.
    private let hits = Counter(label: requests, dimensions: [("result", PageOrigin.hit.name)])

    private static let requests = "paypage_page_requests_total"
    private static let attention = "paypage_attention"

    package init(logger: Logger) {
        self.logger = logger
    }

    package func saw(_ observation: Observation) {
        switch observation {
        case .providerCall(let channel, let operation, .unknown, let trade, let doubt?):
            count(
                "paypage_provider_calls_total",
                [
                    ("channel", channel.name), ("operation", operation.rawValue),
                    ("outcome", CallOutcome.unknown.rawValue), ("reason", codes.label(doubt.reason)),
                ])
            logger.warning("provider call outcome unknown", metadata: .unknown(channel, operation, trade, doubt))
        case .providerCall(let channel, let operation, let outcome, let trade, _):
            count(
                "paypage_provider_calls_total",
                [("channel", channel.name), ("operation", operation.rawValue), ("outcome", outcome.rawValue)])
            log(
                outcome, of: operation,
                [
                    "trade.no": "\(trade)", "provider.channel": "\(channel)",
                    "provider.operation": "\(operation.rawValue)", "provider.outcome": "\(outcome.rawValue)",
                ])
        case .pageMinted(let channel, let terminal):
            count("paypage_pages_minted_total", [("channel", channel.name), ("terminal", terminal.rawValue)])
        case .pageRequested(.hit):
            hits.increment()
        case .pageRequested(let origin):
            count(Self.requests, [("result", origin.name)])
        case .orderEntered(let state, let number):
            count("paypage_orders_total", [("state", state.rawValue)])
            logger.info("order state changed", metadata: ["order.no": "\(number)", "order.state": "\(state.rawValue)"])
        case .duplicatePayment(let channel, let trade):
            count("paypage_duplicate_payments_total", [("channel", channel.name)])
            logger.warning("duplicate payment received", metadata: ["trade.no": "\(trade)"])
        case .latePayment(let channel, let trade):
            count("paypage_late_payments_total", [("channel", channel.name)])
            logger.warning("late payment received", metadata: ["trade.no": "\(trade)"])
        case .returnedPayment(let channel, let trade):
            count("paypage_returned_payments_total", [("channel", channel.name)])
            logger.warning(
                "payment already refunded at the provider",
                metadata: ["trade.no": "\(trade)", "provider.channel": "\(channel)"])
        case .notice(let channel, let outcome):
            count("paypage_notices_total", [("channel", channel.name), ("outcome", outcome.rawValue)])
        case .noticeRefused(let channel, let refusal):
            count(
                "paypage_notices_total",
                [
                    ("channel", channel.name), ("outcome", NoticeOutcome.refused.rawValue),
                    ("reason", refusal.rawValue),
                ])
            logger.warning(
                "notice refused",
                metadata: ["provider.channel": "\(channel)", "notice.reason": "\(refusal.rawValue)"])
        case .needsPerson(let channel, let trade):
            count("paypage_disputed_payments_total", [("channel", channel.name)])
            logger.error(
                "payment needs a manual decision", metadata: ["trade.no": "\(trade)", "provider.channel": "\(channel)"])
        case .refund(let channel, let state, let trade):
            count("paypage_refunds_total", [("channel", channel.name), ("outcome", state.rawValue)])
            log(state, ["trade.no": "\(trade)", "refund.state": "\(state.rawValue)"])
        case .delivery(let outcome, let number, let endpoint):
            count("paypage_deliveries_total", [("outcome", outcome.rawValue)])
            log(
                outcome,
                [
                    "order.no": "\(number)", "webhook.endpoint": "\(endpoint)",
                    "delivery.outcome": "\(outcome.rawValue)",
                ])
        case .brokenWord(let channel, let trade):
            logger.error(
                "provider took money after its final answer",
                metadata: ["trade.no": "\(trade)", "provider.channel": "\(channel)"])
        case .noticeNotStored(let channel, let why):
            logger.error(
                "provider notice not stored, provider will resend",
                metadata: ["provider.channel": "\(channel)", "error": "\(why)"])
        case .noticeNotConfirmed(let channel, let why):
            logger.warning(
                "refund notice not confirmed, provider will resend",
                metadata: ["provider.channel": "\(channel)", "error": "\(why)"])
        case .refused(let channel, let trade, let reason):
            logger.warning(
                "provider refused a call",
                metadata: [
                    "trade.no": "\(trade)", "provider.channel": "\(channel)", "provider.reason": "\(reason)",
                ])
        case .notSent(let channel, let trade, let reason):
            logger.warning(
                "provider call was not sent",
                metadata: [
                    "trade.no": "\(trade)", "provider.channel": "\(channel)", "provider.reason": "\(reason)",
                ])
        case .notRecovered(let number, let why):
            logger.error("lease recovery failed, will retry", metadata: ["order.no": "\(number)", "error": "\(why)"])
        case .notQueried(let trade, let why):
            logger.error("provider query failed, will retry", metadata: ["trade.no": "\(trade)", "error": "\(why)"])
        case .notExpired(let number, let why):
            logger.error("order expiry failed, will retry", metadata: ["order.no": "\(number)", "error": "\(why)"])
        case .notSearched(let number, let why):
            logger.error(
                "search for lost attempts failed, will retry", metadata: ["order.no": "\(number)", "error": "\(why)"])
        case .notRefunded(let refund, let why):
            logger.error(
                "refund submission failed, will retry", metadata: ["refund.no": "\(refund.number)", "error": "\(why)"])
        case .attention(let kind, let count):
            Gauge(label: Self.attention, dimensions: [("kind", kind.rawValue)]).record(count)
        case .backlog(let backlog, let now):
            record(backlog, at: now)
        case .reconciliation(let observation):
            saw(observation)
        case .recovered(let number):
            logger.info("lease recovery succeeded", metadata: ["order.no": "\(number)"])
        }
    }

    private func count(_ name: String, _ labels: [(String, String)]) {
        Counter(label: name, dimensions: labels, factory: factory).increment()
    }
}

extension FlowTelemetry {
    /// Declares every metric at zero, so that a rate includes the first event.
    package static func declare(on metrics: PrometheusMetrics, channels: [Channel], terminals: [Terminal]) {
        let channel = ("channel", channels.map(\.name))
        func declare(_ name: String, _ help: String, _ labels: [(name: String, values: [String])]...) {
            metrics.declare(
                name, .counter, help: help, labels: labels.flatMap { PrometheusMetrics.combinations(of: $0) })
        }
        let operation = ("operation", ProviderOperation.allCases.map(\.rawValue))
        declare(
            "paypage_provider_calls_total", "Calls to payment providers. Label reason explains an unknown outcome.",
            [channel, operation, ("outcome", [CallOutcome.ok, .refused].map(\.rawValue))],
            [
                channel, operation, ("outcome", [CallOutcome.unknown.rawValue]),
                ("reason", UnknownReason.general.map(\.text)),
            ])
        declare(
            "paypage_pages_minted_total", "Payment pages that a provider created.",
            [channel, ("terminal", terminals.map(\.rawValue))])
        declare(
            Self.requests, "Pay calls answered with a page, by the origin of the page.",
            [("result", PageOrigin.names)])
        declare(
            "paypage_orders_total", "Orders by the state that they entered.",
            [("state", OrderStateName.allCases.map(\.rawValue))]
        )
        declare("paypage_duplicate_payments_total", "Payments received for orders that were already paid.", [channel])
        declare("paypage_late_payments_total", "Payments received for orders that had already ended.", [channel])
        declare(
            "paypage_returned_payments_total", "Payments first seen when the provider had refunded them.",
            [channel])
        declare("paypage_disputed_payments_total", "Payments that need a manual decision.", [channel])
        declare(
            "paypage_notices_total", "Notices from payment providers. Label reason explains a refused notice.",
            [channel, ("outcome", NoticeOutcome.allCases.filter { $0 != .refused }.map(\.rawValue))],
            [
                channel, ("outcome", [NoticeOutcome.refused.rawValue]),
                ("reason", NoticeRefusal.allCases.map(\.rawValue)),
            ])
        declare(
            "paypage_refunds_total", "Refunds, by the state that they entered.",
            [channel, ("outcome", RefundState.allCases.map(\.rawValue))])
        declare(
            "paypage_deliveries_total", "Webhook delivery attempts to the merchant.",
            [("outcome", DeliveryOutcome.allCases.map(\.rawValue))])
        declareReconciliation(on: metrics, channel: channel)
        declareBacklog(on: metrics, channel: channel)
        metrics.declare(
            Self.attention, .gauge, help: "Things that wait for a person.",
            labels: PrometheusMetrics.combinations(of: [("kind", AttentionKind.allCases.map(\.rawValue))]))
        metrics.declare(
            "paypage_provider_circuit_open", .gauge,
            help: "1 while the circuit of the channel is open, 0 otherwise.",
            labels: PrometheusMetrics.combinations(of: [channel]))
    }
}

// A message is one literal that names the outcome, so that a search for it finds the call and never a success.
extension FlowTelemetry {
    private func log(_ outcome: CallOutcome, of operation: ProviderOperation, _ metadata: Logger.Metadata) {
        switch outcome {
        // A query is routine: what it changes has lines of its own.
        case .ok where operation == .query: logger.debug("provider call succeeded", metadata: metadata)
        case .ok: logger.info("provider call succeeded", metadata: metadata)
        case .refused: logger.info("provider call refused", metadata: metadata)
        case .unknown: logger.warning("provider call outcome unknown", metadata: metadata)
        }
    }

    private func log(_ outcome: DeliveryOutcome, _ metadata: Logger.Metadata) {
        switch outcome {
        case .delivered: logger.info("webhook delivery succeeded", metadata: metadata)
        case .failed: logger.warning("webhook delivery failed", metadata: metadata)
        case .parked: logger.warning("webhook delivery parked", metadata: metadata)
        }
    }

    private func log(_ state: RefundState, _ metadata: Logger.Metadata) {
        switch state {
        case .pending: logger.info("refund pending", metadata: metadata)
        case .submitted: logger.info("refund submitted", metadata: metadata)
        case .needsAttention: logger.error("refund needs attention", metadata: metadata)
        case .succeeded: logger.info("refund succeeded", metadata: metadata)
        case .failed: logger.error("refund failed", metadata: metadata)
        }
    }
}

extension Logger.Metadata {
    fileprivate static func unknown(
        _ channel: Channel, _ operation: ProviderOperation, _ trade: TradeNumber, _ doubt: Doubt
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "order.no": "\(trade.order)", "trade.no": "\(trade)", "provider.channel": "\(channel)",
            "provider.operation": "\(operation.rawValue)", "provider.outcome": "\(CallOutcome.unknown.rawValue)",
            "provider.reason": "\(doubt.reason.text)",
        ]
        if let error = doubt.reason.error { metadata["provider.code"] = "\(error.code)" }
        if let message = doubt.reason.error?.message { metadata["provider.message"] = "\(message)" }
        return metadata
    }
}
