package import Logging
package import PayCore

/// Writes each record as one line of the log.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let sink: any LogSink
    private let clock: @Sendable () -> Instant

    /// - Parameters:
    ///   - label: the logger's name.
    ///   - clock: the source of a record's time.
    package init(
        label: String,
        format: LogFormat,
        sink: any LogSink = StandardErrorSink(),
        metadataProvider: Logger.MetadataProvider? = nil,
        clock: @escaping @Sendable () -> Instant
    ) {
        self.label = label
        self.format = format
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
        sink.write(format.line(LogRecord(event, logger: label, time: clock(), layers: layers)), at: event.level)
    }
}
