import Metrics
import Synchronization

/// One time series: a metric with one set of label values.
enum MetricSeries: Sendable {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)

    init(_ kind: MetricKind) {
        switch kind {
        case .counter: self = .counter(CounterSeries())
        case .gauge: self = .gauge(GaugeSeries())
        case .histogram(let bounds): self = .histogram(HistogramSeries(bounds: bounds))
        }
    }

    func write(name: String, labels: String, to text: inout String) {
        switch self {
        case .counter(let series): MetricText.writeSample(name, labels, series.value, to: &text)
        case .gauge(let series): MetricText.writeSample(name, labels, series.value, to: &text)
        case .histogram(let series): series.write(name: name, labels: labels, to: &text)
        }
    }
}

/// A counter. Its value is a `Double`, as in Prometheus itself: exact up to 2 ⁵³.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    private let total = Mutex(0.0)

    var value: Double { total.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    /// Ignores amounts that are not finite or not positive. A falling counter would look like a restart.
    func increment(by amount: Double) {
        guard amount.isFinite, amount > 0 else { return }
        total.withLock { $0 += amount }
    }

    func reset() { total.withLock { $0 = 0 } }
}

/// A gauge: a meter, or a recorder that doesn't aggregate.
final class GaugeSeries: MeterHandler, RecorderHandler {
    private let latest = Mutex(0.0)

    var value: Double { latest.withLock { $0 } }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { latest.withLock { $0 = value } }
    func increment(by amount: Double) { latest.withLock { $0 += amount } }
    func decrement(by amount: Double) { latest.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// A histogram: a recorder that aggregates, or a timer, in seconds.
final class HistogramSeries: RecorderHandler, TimerHandler {
    private struct Tally {
        /// The number of observations in each bucket, not cumulative. The last bucket counts values above every bound.
        var counts: [Int]
        var sum = 0.0
    }

    /// Ascending, finite and distinct.
    private let bounds: [Double]
    private let tally: Mutex<Tally>

    init(bounds: [Double]) {
        self.bounds = Set(bounds.filter(\.isFinite)).sorted()
        tally = Mutex(Tally(counts: Array(repeating: 0, count: self.bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        // One NaN would turn the sum into NaN for good.
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        tally.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    /// Records a negative duration as zero: the clock was set back.
    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1_000_000_000) }

    var counts: HistogramCounts { HistogramCounts(bounds: bounds, counts: tally.withLock { $0.counts }) }

    func write(name: String, labels: String, to text: inout String) {
        let tally = tally.withLock { $0 }
        var count = 0
        for (bound, inBucket) in zip(bounds + [.infinity], tally.counts) {
            count += inBucket
            let bucketLabels = (labels.isEmpty ? "" : labels + ",") + "le=\"\(MetricText.number(bound))\""
            MetricText.writeSample("\(name)_bucket", bucketLabels, Double(count), to: &text)
        }
        MetricText.writeSample("\(name)_sum", labels, tally.sum, to: &text)
        MetricText.writeSample("\(name)_count", labels, Double(count), to: &text)
    }
}
