import PayCore
import PayProviders

/// A fault in JSON.
struct SandboxFaultLine: Codable, Hashable, Sendable {
    var operation: String?
    var fault: String
    var times: Int?
    var ms: Int64?
    var channel: String?
}

/// Why a list of faults is invalid, as a message to its author.
struct SandboxFaultMistake: Error, Hashable, Sendable {
    let message: String
}

extension SandboxFaults {
    /// A longer list is taken for a bug of a script.
    private static let mostLines = 100

    /// Reads the whole list, or throws the mistake of the first invalid entry.
    static func read(_ body: [UInt8]) throws(SandboxFaultMistake) -> SandboxFaults {
        guard let lines = SandboxWire.decode([SandboxFaultLine].self, from: body) else {
            throw SandboxFaultMistake(
                message: "the body must be a JSON list like [{\"operation\": \"create\", \"fault\": \"timeout\", "
                    + "\"times\": 1}]")
        }
        guard lines.count <= mostLines else {
            throw SandboxFaultMistake(message: "the list has \(lines.count) faults; at most \(mostLines) are allowed")
        }
        var faults: [SandboxFault] = []
        for (index, line) in lines.enumerated() {
            do throws(SandboxFaultMistake) {
                faults.append(try SandboxFault(line))
            } catch {
                throw SandboxFaultMistake(message: "fault \(index): \(error.message)")
            }
        }
        return SandboxFaults(faults)
    }

    var lines: [SandboxFaultLine] { left.map(SandboxFaultLine.init) }
}

extension SandboxFault {
    /// Above this limit the sandbox would simply be down.
    private static let timesAllowed = 1...1_000_000
    /// Up to ten minutes, longer than any client waits.
    private static let millisecondsAllowed: ClosedRange<Int64> = 1...600_000

    init(_ line: SandboxFaultLine) throws(SandboxFaultMistake) {
        trouble = try Self.trouble(line)
        if let name = line.channel, Channel(name) == nil {
            throw SandboxFaultMistake(message: "channel: invalid value \"\(name)\"; expected a channel name")
        }
        channel = line.channel
        times = line.times ?? 1
        guard Self.timesAllowed.contains(times) else {
            throw SandboxFaultMistake(
                message: "times: invalid value \(times); expected \(Self.timesAllowed.lowerBound) to "
                    + "\(Self.timesAllowed.upperBound)")
        }
    }

    private static func trouble(_ line: SandboxFaultLine) throws(SandboxFaultMistake) -> Trouble {
        guard let name = FaultName(rawValue: line.fault) else {
            throw SandboxFaultMistake(
                message: "fault: invalid value \"\(line.fault)\"; expected one of \(FaultName.list(FaultName.allCases))"
            )
        }
        let wait = try wait(name, line.ms)
        if let trouble = name.noticeTrouble(wait) {
            // Applies to the notice, with any operation.
            return .notice(trouble)
        }
        guard let operation = line.operation.flatMap(SandboxWire.Operation.init(rawValue:)),
            name.operations.contains(operation), let trouble = name.callTrouble(wait)
        else {
            let operations = name.operations.map(\.rawValue).joined(separator: ", ")
            throw SandboxFaultMistake(
                message: "operation: "
                    + (line.operation.map { "invalid value \"\($0)\"" } ?? "missing")
                    + "; \(name.rawValue) expects one of \(operations)")
        }
        return .call(operation, trouble)
    }

    private static func wait(_ name: FaultName, _ ms: Int64?) throws(SandboxFaultMistake) -> Duration {
        guard name.waits else { return .zero }
        guard let ms, millisecondsAllowed.contains(ms) else {
            throw SandboxFaultMistake(
                message: "ms: " + (ms.map { "invalid value \($0)" } ?? "missing")
                    + "; \(name.rawValue) expects \(millisecondsAllowed.lowerBound) to "
                    + "\(millisecondsAllowed.upperBound)")
        }
        return .milliseconds(ms)
    }
}

/// The names of the faults in JSON.
private enum FaultName: String, CaseIterable {
    case timeout, lost, error, refused, slow, garbage
    case closeTooEarly = "close_too_early"
    case noSuchTrade = "no_such_trade"
    case early
    case missingLine = "missing_line"
    case notifyTwice = "notify_twice"
    case notifyLate = "notify_late"
    case notifyNever = "notify_never"

    var waits: Bool { self == .slow || self == .notifyLate }

    /// The calls that the fault applies to; none for a fault of notices.
    var operations: [SandboxWire.Operation] {
        switch self {
        case .timeout, .lost, .error, .refused, .slow, .garbage: SandboxWire.Operation.allCases
        case .closeTooEarly: [.close]
        case .noSuchTrade: [.query, .close]
        case .early, .missingLine: [.bill]
        case .notifyTwice, .notifyLate, .notifyNever: []
        }
    }

    func callTrouble(_ wait: Duration) -> CallTrouble? {
        switch self {
        case .timeout: .timeout
        case .lost: .lost
        case .error: .error
        case .refused: .refused
        case .slow: .slow(wait)
        case .garbage: .garbage
        case .closeTooEarly: .closeTooEarly
        case .noSuchTrade: .noSuchTrade
        case .early: .bill(.early)
        case .missingLine: .bill(.missingLine)
        case .notifyTwice, .notifyLate, .notifyNever: nil
        }
    }

    func noticeTrouble(_ wait: Duration) -> NoticeTrouble? {
        switch self {
        case .notifyTwice: .twice
        case .notifyLate: .late(wait)
        case .notifyNever: .never
        case .timeout, .lost, .error, .refused, .slow, .garbage, .closeTooEarly, .noSuchTrade, .early, .missingLine:
            nil
        }
    }

    static func list(_ names: [FaultName]) -> String {
        names.map(\.rawValue).joined(separator: ", ")
    }
}

extension SandboxFaultLine {
    /// The entry that decodes to this fault.
    init(_ fault: SandboxFault) {
        let (name, wait) = fault.trouble.written
        var operation = "notify"
        if case .call(let called, _) = fault.trouble { operation = called.rawValue }
        self.init(
            operation: operation, fault: name.rawValue, times: fault.times, ms: wait?.wholeMilliseconds,
            channel: fault.channel)
    }
}

extension SandboxFault.Trouble {
    fileprivate var written: (FaultName, Duration?) {
        switch self {
        case .call(_, .timeout): (.timeout, nil)
        case .call(_, .lost): (.lost, nil)
        case .call(_, .error): (.error, nil)
        case .call(_, .refused): (.refused, nil)
        case .call(_, .slow(let wait)): (.slow, wait)
        case .call(_, .garbage): (.garbage, nil)
        case .call(_, .closeTooEarly): (.closeTooEarly, nil)
        case .call(_, .noSuchTrade): (.noSuchTrade, nil)
        case .call(_, .bill(.early)): (.early, nil)
        case .call(_, .bill(.missingLine)): (.missingLine, nil)
        case .notice(.twice): (.notifyTwice, nil)
        case .notice(.late(let wait)): (.notifyLate, wait)
        case .notice(.never): (.notifyNever, nil)
        }
    }
}
