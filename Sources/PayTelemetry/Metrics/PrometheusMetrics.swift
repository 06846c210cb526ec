package import Metrics
import Synchronization

/// Keeps the process's metrics and shows them in Prometheus' text format.
///
/// A metric's name and its dimensions' names appear to the letter; only what the format forbids becomes `_`. Timers
/// count seconds. Series live as long as the process, so the factory's `destroy…` do nothing: a metric made for one
/// moment (`Counter(label: …).increment()`) must not lose what it counted.
///
/// A family has at most `seriesLimit` series. What would be one more is counted together in a series of that family
/// with the sole label `overflow="true"`, so that sums over the family stay true.
package final class PrometheusMetrics: MetricsFactory, Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// In seconds. From a stored page (about a millisecond) over a provider's call to its time-out and what waits for it.
    package static let secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// Our largest family (requests by route and status) stays under 300. More than this means that a label has begun
    /// to hold what strangers choose, which would eat the memory of this process and of whoever scrapes it.
    package static let seriesLimit = 500

    private let families = Mutex<[String: MetricFamily]>([:])
    private let bounds: [Double]
    private let seriesLimit: Int

    /// - Parameters:
    ///   - bounds: the upper bounds of the buckets of timers and recorders that were not declared with others.
    ///   - seriesLimit: the most series of one family, without the one for what overflows.
    package init(bounds: [Double] = secondsBounds, seriesLimit: Int = PrometheusMetrics.seriesLimit) {
        self.bounds = bounds
        self.seriesLimit = seriesLimit
    }

    /// Makes a metric known before anything is counted, so that it is there from the start, at zero.
    ///
    /// - Parameter labels: the labels of each series to begin with. `[[]]` is the one series without labels; an empty
    ///   list shows name and help only.
    package func declare(_ name: String, _ kind: MetricKind, help: String, labels: [[(String, String)]]) {
        let name = MetricText.metricName(name)
        families.withLock { families in
            var family = families[name] ?? MetricFamily(kind: kind)
            guard family.kind.isSameType(as: kind) else { return }
            family.help = help
            for dimensions in labels { _ = family.series(for: dimensions, limit: seriesLimit) }
            families[name] = family
        }
    }

    /// All metrics in the text exposition format, version 0.0.4: families by name, in each the series by their labels.
    package func exposition() -> String {
        // Copied under the lock and written outside it, so that a scrape holds nobody up.
        let snapshot = families.withLock { $0 }
        var text = ""
        for (name, family) in snapshot.sorted(by: { $0.key < $1.key }) { family.write(name: name, to: &text) }
        return text
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions) : gauge(label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        guard case .counter(let series) = series(label, dimensions, .counter) else { return CounterSeries() }
        return series
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        guard case .gauge(let series) = series(label, dimensions, .gauge) else { return GaugeSeries() }
        return series
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        guard case .histogram(let series) = series(label, dimensions, .histogram(bounds: bounds)) else {
            return HistogramSeries(bounds: bounds)
        }
        return series
    }

    /// The one series of that name and those dimensions. Of another kind than asked for when the name was first used
    /// for that: a name has one kind, so the caller then gets a handler of its own that nobody reads.
    private func series(_ label: String, _ dimensions: [(String, String)], _ kind: MetricKind) -> MetricSeries {
        families.withLock { families in
            // A label that is a family's name already is written as it is.
            let name = families[label] == nil ? MetricText.metricName(label) : label
            return families[name, default: MetricFamily(kind: kind)].series(for: dimensions, limit: seriesLimit)
        }
    }
}
