import PayServer
import Synchronization

/// Keeps the lines of a service's log, for tests to read.
final class LogLines: LogSink {
    private let captured = Mutex<[String]>([])

    var all: [String] { captured.withLock { $0 } }

    func write(_ line: String) { captured.withLock { $0.append(line) } }
}
