import Metrics
import PayCore
import PayProviders
import PayTelemetry

/// The end of a provider's certificate that a channel relies on.
struct CertificateEnd: Hashable, Sendable {
    private static let metric = "paypage_certificate_expiry_timestamp_seconds"

    let channel: Channel
    let name: String
    let endsAt: Instant
}

extension CertificateEnd {
    /// Declares the gauge of the certificates' ends, and sets it before each exposition.
    static func report(on metrics: PrometheusMetrics, _ ends: @escaping @Sendable () -> [CertificateEnd]) {
        metrics.declare(
            metric, .gauge, help: "End of a provider's certificate, in seconds since 1970.", labels: [])
        metrics.beforeExposition { [unowned metrics] in
            for end in ends() {
                let dimensions = [("channel", end.channel.name), ("certificate", end.name)]
                Gauge(label: metric, dimensions: dimensions, factory: metrics)
                    .record(Double(end.endsAt.milliseconds) / 1_000)
            }
        }
    }
}
