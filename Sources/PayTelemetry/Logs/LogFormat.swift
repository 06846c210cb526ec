import Logging

/// The format of a log's lines.
package enum LogFormat: String, CaseIterable, Sendable {
    /// One line for people: `{time} {LEVEL} {logger}: {message} {key}={value} …`. Characters that would break the line or
    /// start another field are escaped, so that no value can forge a record.
    case text
    /// One line of JSON: `time`, `level`, `message` and `logger`, then the flattened metadata, sorted by
    /// key. Numbers are JSON numbers.
    case json

    func line(_ record: LogRecord) -> String {
        switch self {
        case .text: Self.textLine(record)
        case .json: Self.jsonLine(record)
        }
    }

    private static func textLine(_ record: LogRecord) -> String {
        var line = LogText.time(record.time)
        line.reserveCapacity(320)
        line += " "
        line += record.level.rawValue.uppercased()
        line += " "
        line += LogText.word(record.logger)
        line += ": "
        line += LogText.sentence(record.message)
        for (key, value) in record.fields {
            line += " "
            line += LogText.word(key)
            line += "="
            switch value {
            case .text(let text): line += LogText.word(text)
            case .number(let digits): line += digits
            }
        }
        return line
    }

    private static func jsonLine(_ record: LogRecord) -> String {
        let own = [
            ("time", LogText.time(record.time)),
            ("level", record.level.rawValue),
            ("message", record.message),
            ("logger", record.logger),
        ]
        let members = own.map { key, text in "\(LogText.json(key)):\(LogText.json(text))" }
        let fields = record.fields.map { key, value in
            switch value {
            case .text(let text): "\(LogText.json(key)):\(LogText.json(text))"
            case .number(let digits): "\(LogText.json(key)):\(digits)"
            }
        }
        return "{\((members + fields).joined(separator: ","))}"
    }
}
