import Metrics
import Synchronization

/// The metrics of the process itself, with the names that Prometheus' client libraries share. Linux only.
package final class ProcessMetrics: Sendable {
    private static let cpu = "process_cpu_seconds_total"
    private static let resident = "process_resident_memory_bytes"
    private static let virtual = "process_virtual_memory_bytes"
    private static let start = "process_start_time_seconds"
    private static let openFiles = "process_open_fds"
    private static let mostFiles = "process_max_fds"
    private static let threads = "process_threads"

    /// The processor time that is counted already.
    private let counted = Mutex(0.0)
    private let read: @Sendable () -> ProcessReading?

    /// - Parameter read: reads the state of the process; nil if the system does not tell it.
    package init(read: @escaping @Sendable () -> ProcessReading? = ProcessReading.current) {
        self.read = read
    }

    /// Declares the metrics, and reads them before each exposition.
    package func report(on metrics: PrometheusMetrics) {
        guard read() != nil else { return }
        metrics.declare(Self.cpu, .counter, help: "Processor time of the process, in seconds.", labels: [[]])
        let gauges = [
            (Self.resident, "Resident memory of the process, in bytes."),
            (Self.virtual, "Virtual memory of the process, in bytes."),
            (Self.start, "Start of the process, in seconds since 1970."),
            (Self.openFiles, "Open file descriptors of the process."),
            (Self.mostFiles, "Limit of open file descriptors."),
            (Self.threads, "Threads of the process."),
        ]
        for (name, help) in gauges { metrics.declare(name, .gauge, help: help, labels: [[]]) }
        metrics.beforeExposition { [self, unowned metrics] in record(on: metrics) }
    }

    private func record(on metrics: PrometheusMetrics) {
        guard let reading = read() else { return }
        counted.withLock { counted in
            FloatingPointCounter(label: Self.cpu, factory: metrics).increment(by: reading.cpuSeconds - counted)
            counted = max(counted, reading.cpuSeconds)
        }
        Gauge(label: Self.resident, factory: metrics).record(reading.residentBytes)
        Gauge(label: Self.virtual, factory: metrics).record(reading.virtualBytes)
        Gauge(label: Self.start, factory: metrics).record(reading.startSeconds)
        Gauge(label: Self.openFiles, factory: metrics).record(reading.openFiles)
        Gauge(label: Self.mostFiles, factory: metrics).record(reading.mostFiles)
        Gauge(label: Self.threads, factory: metrics).record(reading.threads)
    }
}
