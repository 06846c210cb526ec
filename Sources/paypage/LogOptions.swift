public import ArgumentParser
public import Logging
import PayTelemetry

/// The log options of a long-running command. The log goes to standard error.
struct LogOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(name: .customLong("log-format"), help: "The format of a log line: text or json.")
    var format: Format = .text

    @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical.")
    var level: Logger.Level = .info

    func logger(_ label: String, clock: SystemClock) -> Logger {
        let level = level
        let format = format
        return Logger(label: label) { label in
            switch format {
            case .text:
                var handler = TextLogHandler(label: label, clock: { clock.now() })
                handler.logLevel = level
                return handler
            case .json:
                var handler = JSONLogHandler(label: label, clock: { clock.now() })
                handler.logLevel = level
                return handler
            }
        }
    }
}

extension LogOptions {
    /// The access log, which writes its lines into the same log.
    func accessLog(_ label: String, clock: SystemClock) -> AccessLog {
        AccessLog(label: label, format: format == .json ? .json : .text, level: level, clock: { clock.now() })
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
