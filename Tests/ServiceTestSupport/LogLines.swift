import PayTelemetry
import Synchronization

/// Collects the lines of a service's log for assertions.
package final class LogLines: LogSink {
    private let captured = Mutex<[String]>([])

    package init() {}

    package var all: [String] { captured.withLock { $0 } }

    package func write(_ line: String) { captured.withLock { $0.append(line) } }
}
