package import PayCore
package import PayFlow
import Synchronization

/// The recent past of a few metrics of this process, in memory, for the console's charts.
///
/// It begins with the process. Each process has its own.
package final class MetricHistory: Sendable {
    /// A period that is kept: its steps, and their number.
    package struct Period: Hashable, Sendable {
        package let step: Duration
        package let count: Int

        package init(_ count: Int, of step: Duration) {
            self.step = step
            self.count = count
        }
    }

    /// The pay calls of a step.
    package struct Pages: Hashable, Sendable {
        /// Calls that a stored page answered.
        package var hits: Int
        package var calls: Int

        package init(hits: Int = 0, calls: Int = 0) {
            self.hits = hits
            self.calls = calls
        }
    }

    /// How often ``sample(at:)`` should be called: several times in the shortest step, so that no step is missed.
    package static let pause = Duration.seconds(15)

    /// The instant from which the metrics count.
    package let beginning: Instant
    private let metrics: PrometheusMetrics
    private let periods: [Period]
    private let state: Mutex<State>

    fileprivate struct Reading: Sendable {
        var pages = Pages()
        var calls: [String: HistogramCounts] = [:]
    }

    private struct State {
        var last = Reading()
        /// The steps of each period, by their number since 1970.
        var steps: [[Int64: Reading]]
    }

    package init(_ metrics: PrometheusMetrics, keeping periods: [Period], from beginning: Instant) {
        self.metrics = metrics
        self.periods = periods
        self.beginning = beginning
        state = Mutex(State(steps: Array(repeating: [:], count: periods.count)))
    }

    /// Adds what the metrics counted since the last sample to the steps that contain `now`.
    package func sample(at now: Instant) {
        let reading = read()
        state.withLock { state in
            let news = reading.since(state.last)
            state.last = reading
            for (index, period) in periods.enumerated() {
                let current = period.number(of: now)
                state.steps[index][current] = news.added(to: state.steps[index][current])
                // A clock that was set back leaves steps of the future. They count once their time comes.
                state.steps[index] = state.steps[index].filter { abs($0.key - current) < Int64(period.count) }
            }
        }
    }

    /// The pay calls of each step. Nil for a step without a sample.
    package func pages(in steps: TimeSteps) -> [Pages?] {
        readings(in: steps).map { $0?.pages }
    }

    /// The provider calls of each step by channel. Nil for a step without a call.
    package func calls(in steps: TimeSteps) -> [String: [HistogramCounts?]] {
        let readings = readings(in: steps)
        let channels = Set(readings.compactMap { $0?.calls.keys }.joined())
        return Dictionary(
            uniqueKeysWithValues: channels.map { channel in
                (channel, readings.map { $0?.calls[channel].flatMap { $0.total == 0 ? nil : $0 } })
            })
    }

    private func readings(in steps: TimeSteps) -> [Reading?] {
        guard let index = periods.firstIndex(where: { $0.step == steps.step }) else {
            return Array(repeating: nil, count: steps.count)
        }
        let kept = state.withLock { $0.steps[index] }
        return steps.starts.map { kept[periods[index].number(of: $0)] }
    }

    private func read() -> Reading {
        let counts = metrics.counts(of: "paypage_page_requests_total", by: "result")
        var reading = Reading(calls: metrics.observations(of: "paypage_provider_call_duration_seconds", by: "channel"))
        reading.pages.hits = Int(counts["hit"] ?? 0)
        reading.pages.calls = Int(counts.values.reduce(0, +))
        return reading
    }
}

extension MetricHistory.Period {
    fileprivate func number(of instant: Instant) -> Int64 {
        instant.clamped.milliseconds / step.wholeMilliseconds
    }
}

extension MetricHistory.Reading {
    fileprivate func since(_ earlier: Self) -> Self {
        var news = Self()
        news.pages.hits = max(0, pages.hits - earlier.pages.hits)
        news.pages.calls = max(0, pages.calls - earlier.pages.calls)
        for (channel, counts) in calls { news.calls[channel] = counts.since(earlier.calls[channel]) }
        return news
    }

    fileprivate func added(to other: Self?) -> Self {
        guard let other else { return self }
        var sum = other
        sum.pages.hits += pages.hits
        sum.pages.calls += pages.calls
        for (channel, counts) in calls { sum.calls[channel] = counts.added(to: sum.calls[channel]) }
        return sum
    }
}
