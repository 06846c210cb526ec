package import Metrics

extension AnsweredRequest {
    private static let metric = "paypage_http_request_duration_seconds"
    /// The methods with series of their own: anybody can invent a method.
    private static let usualMethods: Set = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

    /// Makes the metric known before the first request.
    package static func declareMetric(on metrics: PrometheusMetrics) {
        metrics.declare(
            metric, .histogram(bounds: PrometheusMetrics.secondsBounds), help: "Time to answer a request, in seconds.",
            labels: [])
    }

    /// Counts how long requests like this one took, in seconds.
    package var recorder: Recorder { Recorder(label: Self.metric, dimensions: dimensions) }

    private var dimensions: [(String, String)] {
        [
            ("method", Self.usualMethods.contains(method) ? method : "other"), ("route", route),
            ("status", String(status)),
        ]
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
