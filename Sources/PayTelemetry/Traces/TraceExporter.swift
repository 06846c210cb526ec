package import Logging
package import Metrics
package import PayFlow
import Synchronization

/// Sends ended spans to a collector in batches. Its queue has a limit: spans beyond it are dropped and counted, and no
/// request ever waits.
package final class TraceExporter: Sendable {
    /// The most spans in the queue: a busy second has a few thousand. A span takes about 1 KB.
    package static let mostQueued = 8_192
    /// The most spans in one message: about 500 KB, below the limits of common collectors.
    package static let mostPerMessage = 512
    /// The pause between two exports.
    package static let exportEvery = Duration.seconds(2)

    private static let metric = "paypage_trace_spans_total"

    private enum Outcome: String, CaseIterable { case exported, dropped, failed }

    private let service: TracedService
    private let send: @Sendable ([UInt8]) async -> Bool
    private let factory: any MetricsFactory
    private let logger: Logger
    private let queue = Mutex<[EndedSpan]>([])
    private let isFailing = Atomic(false)

    /// - Parameter send: sends a message's body to the collector; false if the collector did not accept it.
    package init(
        _ service: TracedService, metrics: any MetricsFactory, logger: Logger,
        send: @escaping @Sendable ([UInt8]) async -> Bool
    ) {
        self.service = service
        self.send = send
        factory = metrics
        self.logger = logger
    }

    package static func declareMetric(on metrics: PrometheusMetrics) {
        metrics.declare(
            metric, .counter, help: "Spans of traces, by whether the collector has them.",
            labels: Outcome.allCases.map { [("outcome", $0.rawValue)] })
    }

    /// Queues a span, or drops it if the queue is full.
    package func add(_ span: EndedSpan) {
        let isQueued = queue.withLock { queue in
            guard queue.count < Self.mostQueued else { return false }
            queue.append(span)
            return true
        }
        if !isQueued { count(.dropped, 1) }
    }

    /// Sends everything that is in the queue. A batch that the collector does not accept is dropped, and ends the
    /// export: the collector gets the rest later.
    package func export() async {
        while case let batch = take(), !batch.isEmpty {
            guard let bytes = OTLPMessage(batch, of: service).bytes, await send(bytes) else {
                count(.failed, batch.count)
                if !isFailing.exchange(true, ordering: .relaxed) {
                    logger.warning("trace export failed, spans are lost")
                }
                return
            }
            count(.exported, batch.count)
            if isFailing.exchange(false, ordering: .relaxed) { logger.notice("trace export works again") }
        }
    }

    /// Exports until the task is cancelled, and then once more.
    package func run(clock: any PayClock) async {
        while !Task.isCancelled {
            await export()
            do { try await clock.sleep(for: Self.exportEvery) } catch { break }
        }
        // A task of its own, which is not cancelled.
        await Task { await export() }.value
    }

    private func take() -> [EndedSpan] {
        queue.withLock { queue in
            let batch = Array(queue.prefix(Self.mostPerMessage))
            queue.removeFirst(batch.count)
            return batch
        }
    }

    private func count(_ outcome: Outcome, _ count: Int) {
        Counter(label: Self.metric, dimensions: [("outcome", outcome.rawValue)], factory: factory)
            .increment(by: count)
    }
}
