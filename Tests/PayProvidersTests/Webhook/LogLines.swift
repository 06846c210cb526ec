import Logging
import Synchronization

/// A log handler that records each message with its metadata.
final class LogLines: LogHandler {
    private let written = Mutex<[String]>([])

    var all: [String] { written.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        written.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
