/// What a metric measures.
package enum MetricKind: Hashable, Sendable {
    /// A number that only grows, until the process ends.
    case counter
    /// A number that is what it is now.
    case gauge
    /// How many observations fell under each upper bound.
    case histogram(bounds: [Double])

    func isSameType(as other: MetricKind) -> Bool { type == other.type }

    /// The word of the exposition format.
    package var type: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}

/// The series of one metric's name.
struct MetricFamily: Sendable {
    let kind: MetricKind
    var help: String?

    /// By the series' labels as they are written; empty for the series without labels.
    private var series: [String: MetricSeries] = [:]
    /// The same as their askers spell them, names and values: to write the labels anew costs more than to count.
    private var spellings: [[String]: MetricSeries] = [:]

    private static let overflowLabels = MetricText.labels([("overflow", "true")])

    init(kind: MetricKind) {
        self.kind = kind
    }

    /// The series with those labels, made when there is none; the overflow series when it would be one too many.
    mutating func series(for dimensions: [(String, String)], limit: Int) -> MetricSeries {
        let spelling = dimensions.flatMap { [$0.0, $0.1] }
        if let known = spellings[spelling] { return known }
        let found = written(dimensions, limit: limit)
        // One spelling for each series is usual; what overflows is spelled in as many ways as there are strangers.
        if spellings.count < limit { spellings[spelling] = found }
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
        return made
    }

    func write(name: String, to text: inout String) {
        if let help { text += "# HELP \(name) \(MetricText.escapedHelp(help))\n" }
        text += "# TYPE \(name) \(kind.type)\n"
        for (labels, series) in series.sorted(by: { $0.key < $1.key }) {
            series.write(name: name, labels: labels, to: &text)
        }
    }
}
