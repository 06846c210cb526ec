import PayAPI
import PayCore
import PayFlow
import PayTelemetry

/// A period that the charts can show.
enum TrendSpan: String, CaseIterable, Sendable {
    case hour, day, week

    var step: Duration {
        switch self {
        case .hour: .seconds(60)
        case .day: .seconds(900)
        case .week: .seconds(7_200)
        }
    }

    var count: Int {
        switch self {
        case .hour: 60
        case .day: 96
        case .week: 84
        }
    }

    /// How long sums are shown before the database is read again. A week of a large shop has millions of rows.
    var isFreshFor: Duration {
        switch self {
        case .hour: .seconds(15)
        case .day: .seconds(60)
        case .week: .seconds(300)
        }
    }

    func steps(until now: Instant) -> TimeSteps { TimeSteps(count, of: step, until: now) }

    /// The periods that ``MetricHistory`` must keep for all spans.
    static let periods = allCases.map { MetricHistory.Period($0.count, of: $0.step) }

    func name(in language: ConsoleLanguage) -> String {
        switch self {
        case .hour: language.of("Last hour", "最近一小时")
        case .day: language.of("Last day", "最近一天")
        case .week: language.of("Last week", "最近一周")
        }
    }

    /// The start of a step, in UTC, as it stands at the axis and in the table.
    func text(of start: Instant) -> String {
        let time = UTCTime(start)
        return self == .week
            ? "\(time.day.dropFirst(5)) \(time.time.prefix(5))" : String(time.time.prefix(5))
    }
}
