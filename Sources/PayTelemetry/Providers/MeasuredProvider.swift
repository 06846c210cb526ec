package import Metrics
package import PayCore
package import PayFlow
import Tracing

/// A provider whose calls are measured and traced: how long each took, with any outcome.
package struct MeasuredProvider: PaymentProvider {
    private static let metric = "paypage_provider_call_duration_seconds"

    private let provider: any PaymentProvider
    private let clock: any PayClock
    private let factory: any MetricsFactory
    private let traces: Traces

    package init(
        _ provider: any PaymentProvider, clock: any PayClock, metrics: any MetricsFactory, traces: Traces = .off
    ) {
        self.provider = provider
        self.traces = traces
        self.clock = clock
        factory = metrics
    }

    /// Declares the histogram, so that it is exposed from the start.
    package static func declareMetric(on metrics: PrometheusMetrics, channels: [Channel]) {
        metrics.declare(
            metric, .histogram(bounds: PrometheusMetrics.secondsBounds),
            help: "Time of a call to a payment provider, in seconds, including its wait for a turn.",
            labels: PrometheusMetrics.combinations(of: [
                ("channel", channels.map(\.name)), ("operation", ProviderOperation.allCases.map(\.rawValue)),
            ]))
    }

    package func create(_ request: CreateRequest) async -> CreateAnswer {
        await measure(.create, request.tradeNumber) { await provider.create(request) }
    }

    package func query(_ trade: TradeReference) async -> QueryAnswer {
        await measure(.query, trade.number) { await provider.query(trade) }
    }

    package func close(_ trade: TradeReference) async -> CloseAnswer {
        await measure(.close, trade.number) { await provider.close(trade) }
    }

    package func refund(_ refund: RefundRequest) async -> RefundAnswer {
        await measure(.refund, refund.tradeNumber) { await provider.refund(refund) }
    }

    package func follow(_ refund: RefundRequest) async -> RefundAnswer {
        await measure(.refund, refund.tradeNumber) { await provider.follow(refund) }
    }

    package func findRefund(
        _ number: String, of trade: TradeReference, payment: TransactionID
    ) async -> ForeignRefundAnswer {
        await measure(.refund, trade.number) {
            await provider.findRefund(number, of: trade, payment: payment)
        }
    }

    private func measure<Answer: DoubtfulAnswer>(
        _ operation: ProviderOperation, _ trade: TradeNumber, _ call: () async -> Answer
    ) async -> Answer {
        let began = clock.uptime()
        let answer = await traces.span("provider.\(operation.rawValue)", .client, attributes(operation, trade)) {
            span in
            let answer = await call()
            if let doubt = answer.doubt { span?.fail(doubt.reason.text) }
            return answer
        }
        let dimensions = [("channel", channel.name), ("operation", operation.rawValue)]
        Recorder(label: Self.metric, dimensions: dimensions, factory: factory)
            .record((clock.uptime() - began).seconds)
        return answer
    }

    private func attributes(_ operation: ProviderOperation, _ trade: TradeNumber) -> SpanAttributes {
        [
            "provider.channel": .string(channel.name), "provider.operation": .string(operation.rawValue),
            "trade.no": .string(trade.text), "order.no": .string(trade.order.text),
        ]
    }
}

/// An answer that may leave the outcome of its call unknown.
private protocol DoubtfulAnswer {
    var doubt: Doubt? { get }
}

extension CreateAnswer: DoubtfulAnswer {}
extension QueryAnswer: DoubtfulAnswer {}
extension CloseAnswer: DoubtfulAnswer {}
extension RefundAnswer: DoubtfulAnswer {}
extension ForeignRefundAnswer: DoubtfulAnswer {}

// MARK: What is not measured

extension MeasuredProvider {
    package var channel: Channel { provider.channel }
    package var kind: ProviderKind { provider.kind }
    package var terms: ProviderTerms { provider.terms }
    package var pageFormTargets: [String] { provider.pageFormTargets }
    package var bills: (any BillSource)? { provider.bills }
    package var openIDs: (any OpenIDSource)? { provider.openIDs }

    package func appID(for terminal: Terminal) -> String? { provider.appID(for: terminal) }

    package func pause(at now: Instant) -> Duration? { provider.pause(at: now) }

    package func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        try provider.verify(notice, at: now)
    }

    package func reply(to reception: NoticeReception) -> NoticeReply { provider.reply(to: reception) }
}
