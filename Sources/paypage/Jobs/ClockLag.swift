import Metrics
import PayJobs
import PayTelemetry

/// The gauge of the clock jobs' lags.
enum ClockLag {
    private static let metric = "paypage_clock_lag_seconds"

    /// Declares the gauge, and sets it before each exposition: a job that hangs could not set it.
    static func report(_ lags: JobLags, _ clock: SystemClock, on metrics: PrometheusMetrics) {
        metrics.declare(
            metric, .gauge, help: "Seconds by which a clock job is late with its due work.",
            labels: lags.lags(at: clock.uptime()).map { [("job", $0.job)] })
        metrics.beforeExposition { [unowned metrics] in
            for lag in lags.lags(at: clock.uptime()) {
                Gauge(label: metric, dimensions: [("job", lag.job)], factory: metrics).record(lag.lag.seconds)
            }
        }
    }
}
