import Metrics

@testable import PayServer

/// Metrics are the process's, and the tests run beside each other: each service counts in metrics of its own.
enum ServiceMetrics {
    /// What the tasks of a service count in.
    @TaskLocal static var current = PrometheusMetrics()

    /// Makes the metrics system look at ``current``, once for the process.
    static func install() {
        _ = installed
    }

    private static let installed: Void = MetricsSystem.bootstrap(Router())

    private struct Router: MetricsFactory {
        func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
            current.makeCounter(label: label, dimensions: dimensions)
        }

        func makeFloatingPointCounter(
            label: String, dimensions: [(String, String)]
        ) -> any FloatingPointCounterHandler {
            current.makeFloatingPointCounter(label: label, dimensions: dimensions)
        }

        func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
            current.makeMeter(label: label, dimensions: dimensions)
        }

        func makeRecorder(
            label: String, dimensions: [(String, String)], aggregate: Bool
        ) -> any RecorderHandler {
            current.makeRecorder(label: label, dimensions: dimensions, aggregate: aggregate)
        }

        func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
            current.makeTimer(label: label, dimensions: dimensions)
        }

        func destroyCounter(_ handler: any CounterHandler) {}
        func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
        func destroyMeter(_ handler: any MeterHandler) {}
        func destroyRecorder(_ handler: any RecorderHandler) {}
        func destroyTimer(_ handler: any TimerHandler) {}
    }
}
