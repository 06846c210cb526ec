/// The type of a metric.
package enum MetricKind: Hashable, Sendable {
    /// A value that only grows, until the process ends.
    case counter
    /// The current value of something.
    case gauge
    /// The number of observations up to each upper bound.
    case histogram(bounds: [Double])

    func isSameType(as other: MetricKind) -> Bool { type == other.type }

    /// The type's name in the exposition format.
    package var type: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}

/// All series of one metric name.
struct MetricFamily: Sendable {
    let kind: MetricKind
    var help: String?

    /// The series by their formatted labels. The series without labels has an empty key.
    private var series: [String: MetricSeries] = [:]
    /// The labels of each series as they were first given, by their formatted labels.
    private var labels: [String: [(String, String)]] = [:]
    /// The same series by their unformatted labels. Formatting the labels costs more than counting.
    private var spellings: [[String]: MetricSeries] = [:]
    /// The first of them. Comparing a few labels costs less than a hash of them.
    private var firstSpellings: [(labels: [(String, String)], series: MetricSeries)] = []
    private static let mostCompared = 8

    private static let overflowLabels = MetricText.labels([("overflow", "true")])

    init(kind: MetricKind) {
        self.kind = kind
    }

    /// The series with these labels, created if it is missing. Returns the overflow series when the family is full.
    mutating func series(for dimensions: [(String, String)], limit: Int) -> MetricSeries {
        let first = firstSpellings.first {
            $0.labels.count == dimensions.count && $0.labels.elementsEqual(dimensions) { $0 == $1 }
        }
        if let first { return first.series }
        let spelling = dimensions.flatMap { [$0.0, $0.1] }
        if let known = spellings[spelling] { return known }
        let found = written(dimensions, limit: limit)
        // Most series have one spelling. Overflowing labels have unlimited spellings, so the number of remembered
        // spellings is limited.
        if firstSpellings.count < Self.mostCompared {
            firstSpellings.append((dimensions, found))
        } else if spellings.count < limit {
            spellings[spelling] = found
        }
        return found
    }

    private mutating func written(_ dimensions: [(String, String)], limit: Int) -> MetricSeries {
        var labels = MetricText.labels(dimensions)
        if let known = series[labels] { return known }
        if series.count >= limit {
            labels = Self.overflowLabels
            if let known = series[labels] { return known }
        }
        let made = MetricSeries(kind)
        series[labels] = made
        self.labels[labels] = labels == Self.overflowLabels ? [] : dimensions
        return made
    }

    /// Every series with the value of one of its labels. The value is nil without this label.
    func series(by label: String) -> [(value: String?, series: MetricSeries)] {
        series.map { key, series in (labels[key]?.first { $0.0 == label }?.1, series) }
    }

    func write(name: String, to text: inout String) {
        if let help { text += "# HELP \(name) \(MetricText.escapedHelp(help))\n" }
        text += "# TYPE \(name) \(kind.type)\n"
        for (labels, series) in series.sorted(by: { $0.key < $1.key }) {
            series.write(name: name, labels: labels, to: &text)
        }
    }
}
