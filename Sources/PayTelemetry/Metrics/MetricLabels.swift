extension PrometheusMetrics {
    /// Every combination of some labels' values: the series that ``declare(_:_:help:labels:)`` starts with.
    ///
    /// `[("channel", ["alipay"]), ("outcome", ["ok", "refused"])]` makes two.
    package static func combinations(of labels: [(name: String, values: [String])]) -> [[(String, String)]] {
        labels.reduce([[]]) { rows, label in
            rows.flatMap { row in label.values.map { row + [(label.name, $0)] } }
        }
    }
}
