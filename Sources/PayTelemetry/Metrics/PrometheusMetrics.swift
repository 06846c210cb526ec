package import Metrics
import Synchronization

/// Keeps the metrics of the process and exposes them in Prometheus' text format.
///
/// Names of metrics and labels are kept; characters that the format forbids become `_`. Timers count seconds. Series
/// live as long as the process, so the factory's `destroy…` functions do nothing: a short-lived metric, such as
/// `Counter(label: …).increment()`, must not lose its count.
///
/// A family has at most `seriesLimit` series. Further series are counted together in one series with the sole label
/// `overflow="true"`, so that sums over the family stay correct.
package final class PrometheusMetrics: MetricsFactory, Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// In seconds. The range covers a stored page (about a millisecond), a provider call, and a provider timeout with the
    /// calls that wait for it.
    package static let secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// Our largest family (requests by route and status) has fewer than 300 series. More series mean that a label holds
    /// values that clients choose. Such a label would exhaust the memory of this process and of the scraper.
    package static let seriesLimit = 500

    private let families = Mutex<[String: MetricFamily]>([:])
    private let collectors = Mutex<[@Sendable () -> Void]>([])
    private let bounds: [Double]
    private let seriesLimit: Int

    /// - Parameters:
    ///   - bounds: the upper bounds for timers and recorders that are not declared with bounds of their own.
    ///   - seriesLimit: the most series of one family, not counting the overflow series.
    package init(bounds: [Double] = secondsBounds, seriesLimit: Int = PrometheusMetrics.seriesLimit) {
        self.bounds = bounds
        self.seriesLimit = seriesLimit
    }

    /// Declares a metric before anything is counted, so that it is exposed from the start, at zero.
    ///
    /// - Parameter labels: the labels of each initial series. `[[]]` is the single series without labels; an empty list
    ///   exposes name and help only.
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

    /// Runs `collect` before each exposition. It sets gauges that are read when they are needed, and must not block.
    package func beforeExposition(_ collect: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(collect) }
    }

    /// All metrics in the text exposition format, version 0.0.4: families sorted by name, the series of a family by
    /// their labels.
    package func exposition() -> String {
        for collect in collectors.withLock({ $0 }) { collect() }
        // Copied under the lock and formatted outside it, so that a scrape blocks no counting.
        let snapshot = families.withLock { $0 }
        var text = ""
        for (name, family) in snapshot.sorted(by: { $0.key < $1.key }) { family.write(name: name, to: &text) }
        return text
    }

    /// The counts of a counter, summed by the values of one label. Empty without such a metric.
    func counts(of name: String, by label: String) -> [String: Double] {
        var counts: [String: Double] = [:]
        for case (let value?, .counter(let series)) in family(name)?.series(by: label) ?? [] {
            counts[value, default: 0] += series.value
        }
        return counts
    }

    /// The observations of a histogram, summed by the values of one label. Empty without such a metric.
    func observations(of name: String, by label: String) -> [String: HistogramCounts] {
        var observations: [String: HistogramCounts] = [:]
        for case (let value?, .histogram(let series)) in family(name)?.series(by: label) ?? [] {
            observations[value] = series.counts.added(to: observations[value])
        }
        return observations
    }

    private func family(_ name: String) -> MetricFamily? { families.withLock { $0[name] } }

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

    /// The series with this name and these labels. A name keeps the kind of its first use. A caller that asks for
    /// another kind gets a detached handler that is not exposed.
    private func series(_ label: String, _ dimensions: [(String, String)], _ kind: MetricKind) -> MetricSeries {
        families.withLock { families in
            // A label that is the name of a family is valid already.
            if let known = families.index(forKey: label) {
                return families.values[known].series(for: dimensions, limit: seriesLimit)
            }
            let name = MetricText.metricName(label)
            return families[name, default: MetricFamily(kind: kind)].series(for: dimensions, limit: seriesLimit)
        }
    }
}
