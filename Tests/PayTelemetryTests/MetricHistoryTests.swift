import Metrics
import PayCore
import PayFlow
import Testing

@testable import PayTelemetry

@Suite struct MetricHistoryTests {
    private let metrics = PrometheusMetrics(bounds: [0.1, 0.2, 1])
    private let minute = Duration.seconds(60)

    private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_795_348_800_000 + seconds * 1_000) }

    private func steps(_ count: Int, _ step: Duration, until now: Instant) -> TimeSteps {
        TimeSteps(count, of: step, until: now)
    }

    private func requested(_ result: String, _ count: Int) {
        Counter(label: "paypage_page_requests_total", dimensions: [("result", result)], factory: metrics)
            .increment(by: count)
    }

    private func called(_ channel: String, _ operation: String, _ seconds: Double...) {
        let recorder = Recorder(
            label: "paypage_provider_call_duration_seconds",
            dimensions: [("channel", channel), ("operation", operation)], factory: metrics)
        for each in seconds { recorder.record(each) }
    }

    private func history() -> MetricHistory {
        MetricHistory(metrics, keeping: [.init(3, of: minute), .init(2, of: .seconds(900))], from: at(0))
    }

    @Test func `a step has the pay calls that were counted in it`() {
        let history = history()
        requested("hit", 3)
        requested("miss", 1)
        history.sample(at: at(15))
        requested("hit", 2)
        history.sample(at: at(59))
        requested("stale", 5)
        history.sample(at: at(125))
        #expect(
            history.pages(in: steps(3, minute, until: at(125)))
                == [.init(hits: 5, calls: 6), nil, .init(hits: 0, calls: 5)])
        #expect(history.pages(in: steps(1, .seconds(900), until: at(125))) == [.init(hits: 5, calls: 11)])
    }

    @Test func `provider calls are summed over the operations of a channel`() {
        let history = history()
        called("alipay", "create", 0.05, 0.15)
        called("alipay", "query", 5)
        called("wechat", "create", 0.5)
        history.sample(at: at(1))
        called("alipay", "create", 0.05)
        history.sample(at: at(61))
        let calls = history.calls(in: steps(2, minute, until: at(61)))
        #expect(calls["alipay"]?.map(\.?.counts) == [[1, 1, 0, 1], [1, 0, 0, 0]])
        #expect(calls["wechat"]?.map(\.?.counts) == [[0, 0, 1, 0], nil])
    }

    @Test func `steps that are too old are forgotten, and a clock that was set back loses nothing`() {
        let history = history()
        for minute in 0..<10 {
            requested("hit", 1)
            history.sample(at: at(Int64(minute) * 60))
        }
        #expect(history.pages(in: steps(10, minute, until: at(540))).compactMap { $0 }.count == 3)
        requested("hit", 1)
        history.sample(at: at(480))
        #expect(
            history.pages(in: steps(2, minute, until: at(540))) == [.init(hits: 2, calls: 2), .init(hits: 1, calls: 1)])
    }

    @Test func `a period that is not kept has no samples`() {
        let history = history()
        history.sample(at: at(0))
        #expect(history.pages(in: steps(2, .seconds(7), until: at(0))) == [nil, nil])
        #expect(history.calls(in: steps(2, .seconds(7), until: at(0))) == [:])
    }

    @Test(arguments: [
        (0.5, [1, 0, 0, 0], 0.05), (0.5, [0, 2, 0, 0], 0.15), (0.95, [0, 100, 0, 0], 0.195), (0.5, [1, 0, 1, 0], 0.1),
        (0.95, [1, 0, 1, 0], 0.92), (0.5, [0, 0, 0, 7], 1),
    ])
    func `a quantile is interpolated in its bucket`(_ quantile: Double, _ counts: [Int], _ expected: Double) throws {
        let found = try #require(HistogramCounts(bounds: [0.1, 0.2, 1], counts: counts).quantile(quantile))
        #expect(abs(found - expected) < 1e-9)
    }

    @Test func `without observations there is no quantile`() {
        #expect(HistogramCounts(bounds: [0.1], counts: [0, 0]).quantile(0.5) == nil)
    }
}
