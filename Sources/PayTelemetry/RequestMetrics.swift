package import Metrics

extension AnsweredRequest {
    private static let metric = "paypage_http_request_duration_seconds"
    /// The methods that have a series of their own. All others are counted together, because a client can invent any
    /// method.
    private static let usualMethods: Set = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

    /// Declares the metric before the first request.
    package static func declareMetric(on metrics: PrometheusMetrics) {
        metrics.declare(
            metric, .histogram(bounds: PrometheusMetrics.secondsBounds), help: "Time to answer a request, in seconds.",
            labels: [])
    }

    /// Records the duration of requests with these labels, in seconds.
    package var recorder: Recorder { Recorder(label: Self.metric, dimensions: dimensions) }

    /// The method, or `other` for one that clients invented.
    static func countedMethod(_ method: String) -> String { usualMethods.contains(method) ? method : "other" }

    private var dimensions: [(String, String)] {
        [
            ("method", Self.countedMethod(method)), ("route", route),
            ("status", String(status)),
        ]
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
