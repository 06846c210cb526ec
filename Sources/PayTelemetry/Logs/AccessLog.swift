package import Logging
package import PayCore

/// A request that was answered, as the log tells of it.
package struct AnsweredRequest {
    package let id: RequestIdentifier
    package let method: String
    /// The path's template: a checkout token stands in a path.
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

/// Writes the one line that each request has in the log: the line that a ``Logger`` over one of our handlers writes of the
/// same fields, without the dictionaries on the way, because a request costs little more than its line does.
package struct AccessLog: Sendable {
    package enum Format: Sendable {
        case text, json
    }

    package static let message = "request answered"
    /// A method is a stranger's text.
    private static let longestMethod = 16

    /// What stands before the time, and before each field's value.
    private let (opening, toDuration, toMethod, toRoute, toStatus, toID, closing):
        ([UInt8], [UInt8], [UInt8], [UInt8], [UInt8], [UInt8], [UInt8])
    private let format: Format
    private let sink: any LogSink
    private let clock: @Sendable () -> Instant
    private let isOn: Bool

    /// - Parameters:
    ///   - label: the logger's name.
    ///   - level: the least urgent level that is written; the lines are of level `info`.
    ///   - clock: what tells a line's time.
    package init(
        label: String, format: Format, level: Logger.Level = .info, sink: any LogSink = StandardErrorSink(),
        clock: @escaping @Sendable () -> Instant
    ) {
        self.format = format
        self.sink = sink
        self.clock = clock
        isOn = level <= .info
        let fields = ["http.duration_ms", "http.method", "http.route", "http.status", "request.id"]
        let (beforeTime, head, befores, end): (String, String, [String], String)
        switch format {
        case .text:
            (beforeTime, head, end) = ("", " INFO \(LogText.word(label)): \(Self.message)", "")
            befores = fields.map { " \($0)=" }
        case .json:
            (beforeTime, end) = (#"{"time":""#, #""}"#)
            head = #"","level":"info","message":"\#(Self.message)","logger":\#(LogText.json(label)),"#
            befores = fields.enumerated().map { ($0.offset == 0 ? "\"" : "\",\"") + $0.element + "\":\"" }
        }
        opening = Array(beforeTime.utf8)
        toDuration = Array((head + befores[0]).utf8)
        (toMethod, toRoute) = (Array(befores[1].utf8), Array(befores[2].utf8))
        (toStatus, toID) = (Array(befores[3].utf8), Array(befores[4].utf8))
        closing = Array(end.utf8)
    }

    /// What the lines of some requests have in common: all that stands between how long they took and their ids.
    package struct Kind {
        fileprivate let text: [UInt8]
    }

    package func kind(method: String, route: String, status: Int) -> Kind {
        var text = toMethod
        text += value(String(method.prefix(Self.longestMethod))).utf8
        text += toRoute
        text += value(route).utf8
        text += toStatus
        text.append(Int64(status))
        text += toID
        return Kind(text: text)
    }

    package func tell(_ request: AnsweredRequest) {
        guard isOn else { return }
        tell(kind(method: request.method, route: request.route, status: request.status), request.id, took: request.took)
    }

    package func tell(_ kind: Kind, _ id: RequestIdentifier, took: Duration) {
        guard isOn else { return }
        var line: [UInt8] = []
        line.reserveCapacity(320)
        line += opening
        CivilTime(clock()).writeExactTimestamp(to: &line)
        line += toDuration
        Self.write(milliseconds: took, to: &line)
        line += kind.text
        line += value(id.description).utf8
        line += closing
        sink.writeSoon(line)
    }

    /// To a hundredth of a millisecond, as Swift prints such a number.
    private static func write(milliseconds duration: Duration, to line: inout [UInt8]) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        let hundredths = (nanoseconds + 5_000) / 10_000
        line.append(hundredths / 100)
        line.append(UInt8(ascii: "."))
        line.append(hundredths % 100, digits: 2)
        if hundredths % 10 == 0 { line.removeLast() }
    }

    /// As it stands in a line, where nothing in it could pass for the line's own; in JSON its quotes stand already.
    private func value(_ text: String) -> String {
        if LogText.isPlainWord(text) { return text }
        switch format {
        case .text: return LogText.word(text)
        case .json: return String(LogText.json(text).dropFirst().dropLast())
        }
    }
}
