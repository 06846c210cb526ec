package import Logging
package import PayCore

/// Writes each record as one line of JSON: `time`, `level`, `message` and `logger`, then the flattened metadata, sorted
/// by key.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let sink: any LogSink
    private let clock: @Sendable () -> Instant

    /// - Parameters:
    ///   - label: the logger's name.
    ///   - clock: the source of a record's time.
    package init(
        label: String,
        sink: any LogSink = StandardErrorSink(),
        metadataProvider: Logger.MetadataProvider? = nil,
        clock: @escaping @Sendable () -> Instant
    ) {
        self.label = label
        self.sink = sink
        self.metadataProvider = metadataProvider
        self.clock = clock
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let layers = [metadata, metadataProvider?.get(), event.metadata]
        sink.write(Self.line(LogRecord(event, logger: label, time: clock(), layers: layers)), at: event.level)
    }

    private static func line(_ record: LogRecord) -> String {
        let own = [
            ("time", LogText.time(record.time)),
            ("level", record.level.rawValue),
            ("message", record.message),
            ("logger", record.logger),
        ]
        let members = (own + record.fields.map { ($0.key, $0.value) }).map { key, value in
            "\(LogText.json(key)):\(LogText.json(value))"
        }
        return "{\(members.joined(separator: ","))}"
    }
}
