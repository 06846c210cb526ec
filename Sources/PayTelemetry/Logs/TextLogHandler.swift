package import Logging
package import PayCore

/// Writes each record as one line for people: `{time} {LEVEL} {logger}: {message} {key}={value} …`.
///
/// Characters that would break the line or start another field are escaped, so that no value can forge a record.
package struct TextLogHandler: LogHandler {
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
        let fields = record.fields.map { " \(LogText.word($0.key))=\(LogText.word($0.value))" }
        return "\(LogText.time(record.time)) \(record.level.rawValue.uppercased()) "
            + "\(LogText.word(record.logger)): \(LogText.sentence(record.message))\(fields.joined())"
    }
}
