import Logging
import PayCore

/// One flattened log record, which both handlers write.
struct LogRecord {
    let time: Instant
    let level: Logger.Level
    let logger: String
    let message: String
    /// The metadata, sorted by key. A key has values of one type, so that a log index accepts every line.
    let fields: [(key: String, value: LogValue)]

    /// The keys of the record's own fields. Metadata with such a key is written as `metadata.{name}`.
    private static let ownKeys = ["time", "level", "message", "logger"]

    /// - Parameter layers: metadata of the handler, the provider and the event. Later layers override earlier ones.
    init(_ event: LogEvent, logger: String, time: Instant, layers: [Logger.Metadata?]) {
        self.time = time
        self.logger = logger
        level = event.level
        message = event.message.description
        var layers = layers.compactMap { $0 }
        if let error = event.error { layers.insert(["error": "\(error)"], at: 0) }
        fields = Self.plainFields(layers) ?? Self.flattened(layers.reduce(into: [:]) { $0.merge($1) { $1 } })
    }

    /// The fields of a record without nested metadata and without reserved keys, which is the usual case. Nil for other
    /// records.
    private static func plainFields(_ layers: [Logger.Metadata]) -> [(key: String, value: LogValue)]? {
        var fields: [(key: String, value: LogValue)] = []
        fields.reserveCapacity(layers.reduce(0) { $0 + $1.count })
        for layer in layers.reversed() {
            let overriding = fields.count
            for (key, value) in layer where !fields[..<overriding].contains(where: { $0.key == key }) {
                guard let value = plainValue(value), !ownKeys.contains(key) else { return nil }
                fields.append((key, value))
            }
        }
        return fields.sorted { $0.key < $1.key }
    }

    /// Nil for a list or a dictionary.
    private static func plainValue(_ value: Logger.MetadataValue) -> LogValue? {
        switch value {
        case .string(let text): .text(text)
        case .stringConvertible(let value): LogValue(value)
        case .dictionary, .array: nil
        }
    }

    private static func flattened(_ metadata: Logger.Metadata) -> [(key: String, value: LogValue)] {
        var flat: [String: LogValue] = [:]
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            flatten(value, under: ownKeys.contains(key) ? "metadata.\(key)" : key, into: &flat)
        }
        return flat.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Flattens dictionaries and lists into dotted keys: `order.id`, `attempts.0`.
    private static func flatten(_ value: Logger.MetadataValue, under key: String, into flat: inout [String: LogValue]) {
        switch value {
        case .string(let text): flat[key] = .text(text)
        case .stringConvertible(let value): flat[key] = LogValue(value)
        case .dictionary(let members):
            for (name, member) in members { flatten(member, under: "\(key).\(name)", into: &flat) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { flatten(element, under: "\(key).\(index)", into: &flat) }
        }
    }
}

/// A value of a log record.
enum LogValue: Hashable {
    case text(String)
    /// A number in decimal digits, which JSON has without quotes.
    case number(String)

    /// A number, if the value is one. A number that JSON can't have is a text.
    init(_ value: any CustomStringConvertible & Sendable) {
        switch value {
        case let integer as any BinaryInteger: self = .number(String(describing: integer))
        case let double as Double where double.isFinite: self = .number(double.description)
        default: self = .text(value.description)
        }
    }
}
