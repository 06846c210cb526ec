public import ArgumentParser
public import Logging
import PayTelemetry

/// The log options of a long-running command. The log goes to standard error.
struct LogOptions: ParsableArguments {
    @Option(name: .customLong("log-format"), help: "The format of a log line: text or json.")
    var format: LogFormat = .text

    @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical.")
    var level: Logger.Level = .info

    func logger(_ label: String, clock: SystemClock) -> Logger {
        Logger(label: label) { [format, level] label in
            var handler = LineLogHandler(label: label, format: format, metadataProvider: .work, clock: { clock.now() })
            handler.logLevel = level
            return handler
        }
    }
}

extension LogOptions {
    /// The access log, which writes its lines into the same log.
    func accessLog(_ label: String, clock: SystemClock) -> AccessLog {
        AccessLog(label: label, format: format, level: level, clock: { clock.now() })
    }
}

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
