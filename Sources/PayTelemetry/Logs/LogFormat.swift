import Logging

/// The format of a log's lines.
package enum LogFormat: String, CaseIterable, Sendable {
    /// One line for people: `{time} {LEVEL} {logger}: {message} {key}={value} …`. Characters that would break the line or
    /// start another field are escaped, so that no value can forge a record.
    case text
    /// One line of JSON: `time`, `level`, `message` and `logger`, then the flattened metadata, sorted by key.
    case json

    func line(_ record: LogRecord) -> String {
        switch self {
        case .text: Self.textLine(record)
        case .json: Self.jsonLine(record)
        }
    }

    private static func textLine(_ record: LogRecord) -> String {
        let fields = record.fields.map { " \(LogText.word($0.key))=\(LogText.word($0.value))" }
        return "\(LogText.time(record.time)) \(record.level.rawValue.uppercased()) "
            + "\(LogText.word(record.logger)): \(LogText.sentence(record.message))\(fields.joined())"
    }

    private static func jsonLine(_ record: LogRecord) -> String {
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
