package import Logging
package import PayCore

/// The fields of an answered request that are logged.
package struct AnsweredRequest {
    package let id: RequestIdentifier
    package let method: String
    /// The path's template. The path itself may hold a checkout token.
    package let route: String
    package let status: Int
    package let took: Duration

    package init(id: RequestIdentifier, method: String, route: String, status: Int, took: Duration) {
        self.id = id
        self.method = method
        self.route = route
        self.status = status
        self.took = took
    }
}

/// Writes the access log: one line per request. The line is the same as a ``Logger`` with one of our handlers would
/// write, but no dictionary is built for it. Logging is a large part of the cost of a request.
package struct AccessLog: Sendable {
    package static let message = "request answered"
    /// The longest method that is logged, in characters. Clients choose the method, so it is cut.
    private static let longestMethod = 16

    /// The routes that tools poll. Their answers are routine unless they are errors.
    package static let polledRoutes: Set = ["/healthz", "/readyz", "/metrics"]

    /// The fixed texts before the time and before the value of each field.
    private let (opening, toMethod, toRoute, toStatus, toID, closing):
        ([UInt8], [UInt8], [UInt8], [UInt8], [UInt8], [UInt8])
    /// The text between the time and the duration: of a usual line, and of a routine one.
    private let (toDuration, toRoutineDuration): ([UInt8], [UInt8])
    private let format: LogFormat
    private let sink: any LogSink
    private let clock: @Sendable () -> Instant
    private let level: Logger.Level
    private var isOn: Bool { level <= .info }

    /// - Parameters:
    ///   - label: the logger's name.
    ///   - level: the minimum level of the log. Access lines have level `info`, and those of polling `debug`.
    ///   - clock: the source of a line's time.
    package init(
        label: String, format: LogFormat, level: Logger.Level = .info, sink: any LogSink = StandardErrorSink(),
        clock: @escaping @Sendable () -> Instant
    ) {
        self.format = format
        self.sink = sink
        self.clock = clock
        self.level = level
        let fields = ["http.duration_ms", "http.method", "http.route", "http.status", "request.id"]
        let (beforeTime, befores, end): (String, [String], String)
        let head: (Logger.Level) -> String
        switch format {
        case .text:
            (beforeTime, end) = ("", "")
            head = { " \($0.rawValue.uppercased()) \(LogText.word(label)): \(Self.message)" }
            befores = fields.map { " \($0)=" }
        case .json:
            (beforeTime, end) = (#"{"time":""#, #""}"#)
            head = {
                #"","level":"\#($0.rawValue)","message":"\#(Self.message)","logger":\#(LogText.json(label)),"#
            }
            // The duration and the status are numbers, the other values are in quotes.
            befores = [
                "\"\(fields[0])\":", ",\"\(fields[1])\":\"", "\",\"\(fields[2])\":\"", "\",\"\(fields[3])\":",
                ",\"\(fields[4])\":\"",
            ]
        }
        opening = Array(beforeTime.utf8)
        toDuration = Array((head(.info) + befores[0]).utf8)
        toRoutineDuration = Array((head(.debug) + befores[0]).utf8)
        (toMethod, toRoute) = (Array(befores[1].utf8), Array(befores[2].utf8))
        (toStatus, toID) = (Array(befores[3].utf8), Array(befores[4].utf8))
        closing = Array(end.utf8)
    }

    /// The part of the line that requests of one kind share: everything between the duration and the id.
    package struct Kind {
        fileprivate let text: [UInt8]
        fileprivate let isRoutine: Bool
    }

    package func kind(method: String, route: String, status: Int) -> Kind {
        var text = toMethod
        text += value(String(method.prefix(Self.longestMethod))).utf8
        text += toRoute
        text += value(route).utf8
        text += toStatus
        text.append(Int64(status))
        text += toID
        return Kind(text: text, isRoutine: status < 400 && Self.polledRoutes.contains(route))
    }

    package func tell(_ request: AnsweredRequest) {
        guard isOn else { return }
        tell(kind(method: request.method, route: request.route, status: request.status), request.id, took: request.took)
    }

    package func tell(_ kind: Kind, _ id: RequestIdentifier, took: Duration) {
        guard isOn, !kind.isRoutine || level <= .debug else { return }
        var line: [UInt8] = []
        line.reserveCapacity(320)
        line += opening
        CivilTime(clock()).writeExactTimestamp(to: &line)
        line += kind.isRoutine ? toRoutineDuration : toDuration
        Self.write(milliseconds: took, to: &line)
        line += kind.text
        line += value(id.description).utf8
        line += closing
        sink.writeSoon(line)
    }

    /// Writes milliseconds with two decimals at most, as Swift prints such a number.
    private static func write(milliseconds duration: Duration, to line: inout [UInt8]) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        let hundredths = (nanoseconds + 5_000) / 10_000
        line.append(hundredths / 100)
        line.append(UInt8(ascii: "."))
        line.append(hundredths % 100, digits: 2)
        if hundredths % 10 == 0 { line.removeLast() }
    }

    /// The value as written in a line, escaped so that it can't imitate another field. In JSON the quotes are written
    /// already.
    private func value(_ text: String) -> String {
        if LogText.isPlainWord(text) { return text }
        switch format {
        case .text: return LogText.word(text)
        case .json: return String(LogText.json(text).dropFirst().dropLast())
        }
    }
}
