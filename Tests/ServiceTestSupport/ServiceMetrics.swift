import Metrics
package import PayTelemetry

/// Metrics belong to the process, and tests run concurrently, so each service gets metrics of its own.
package enum ServiceMetrics {
    /// The metrics of the tasks of a service.
    @TaskLocal package static var current = PrometheusMetrics()

    /// Connects the metrics system to ``current``, once per process.
    package static func install() {
        _ = installed
    }

    private static let installed: Void = MetricsSystem.bootstrap(Router())

    private struct Router: MetricsFactory {
        package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
            current.makeCounter(label: label, dimensions: dimensions)
        }

        package func makeFloatingPointCounter(
            label: String, dimensions: [(String, String)]
        ) -> any FloatingPointCounterHandler {
            current.makeFloatingPointCounter(label: label, dimensions: dimensions)
        }

        package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
            current.makeMeter(label: label, dimensions: dimensions)
        }

        package func makeRecorder(
            label: String, dimensions: [(String, String)], aggregate: Bool
        ) -> any RecorderHandler {
            current.makeRecorder(label: label, dimensions: dimensions, aggregate: aggregate)
        }

        package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
            current.makeTimer(label: label, dimensions: dimensions)
        }

        package func destroyCounter(_ handler: any CounterHandler) {}
        package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
        package func destroyMeter(_ handler: any MeterHandler) {}
        package func destroyRecorder(_ handler: any RecorderHandler) {}
        package func destroyTimer(_ handler: any TimerHandler) {}
    }
}
