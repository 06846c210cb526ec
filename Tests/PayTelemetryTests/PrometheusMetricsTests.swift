import Metrics
import Testing

@testable import PayTelemetry

@Suite struct PrometheusMetricsTests {
    private let metrics = PrometheusMetrics(bounds: [0.1, 1, 0.5])

    private func counter(_ name: String, _ dimensions: [(String, String)] = []) -> Counter {
        Counter(label: name, dimensions: dimensions, factory: metrics)
    }

    @Test func `a declared metric is exposed at zero from the start`() {
        metrics.declare(
            "paypage_provider_calls_total", .counter, help: "Calls to providers.",
            labels: [[("outcome", "ok"), ("channel", "wechat")], [("channel", "alipay"), ("outcome", "ok")]])
        metrics.declare("paypage_idle", .gauge, help: "Idle.", labels: [[]])
        metrics.declare("paypage_empty_total", .counter, help: "Nothing yet.", labels: [])

        #expect(
            metrics.exposition() == """
                # HELP paypage_empty_total Nothing yet.
                # TYPE paypage_empty_total counter
                # HELP paypage_idle Idle.
                # TYPE paypage_idle gauge
                paypage_idle 0
                # HELP paypage_provider_calls_total Calls to providers.
                # TYPE paypage_provider_calls_total counter
                paypage_provider_calls_total{channel="alipay",outcome="ok"} 0
                paypage_provider_calls_total{channel="wechat",outcome="ok"} 0

                """)
    }

    @Test func `a declared series counts on, whatever the order of its labels`() {
        metrics.declare("calls_total", .counter, help: "Calls.", labels: [[("a", "1"), ("b", "2")]])
        counter("calls_total", [("b", "2"), ("a", "1")]).increment()
        counter("calls_total", [("a", "1"), ("b", "2")]).increment(by: 2)
        #expect(metrics.exposition().hasSuffix("\ncalls_total{a=\"1\",b=\"2\"} 3\n"))
    }

    @Test func `declaring a metric that has already counted keeps its count`() {
        counter("calls_total").increment()
        metrics.declare("calls_total", .counter, help: "Calls.", labels: [[]])
        #expect(metrics.exposition() == "# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total 1\n")
    }

    @Test func `a histogram counts cumulatively and includes a value on a bound`() {
        let recorder = Recorder(label: "size", dimensions: [("to", "x")], aggregate: true, factory: metrics)
        for value in [0.1, 0.25, 0.5, 0.75, 7] { recorder.record(value) }
        #expect(
            metrics.exposition() == """
                # TYPE size histogram
                size_bucket{to="x",le="0.1"} 1
                size_bucket{to="x",le="0.5"} 3
                size_bucket{to="x",le="1"} 4
                size_bucket{to="x",le="+Inf"} 5
                size_sum{to="x"} 8.6
                size_count{to="x"} 5

                """)
    }

    @Test func `a timer counts seconds in its declared buckets`() {
        metrics.declare("wait_seconds", .histogram(bounds: [1, 1, 0.25, .infinity]), help: "Wait.", labels: [[]])
        let timer = Timer(label: "wait_seconds", factory: metrics)
        timer.recordMilliseconds(250)
        timer.recordSeconds(2)
        timer.recordNanoseconds(-5)
        #expect(
            metrics.exposition() == """
                # HELP wait_seconds Wait.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{le="0.25"} 2
                wait_seconds_bucket{le="1"} 2
                wait_seconds_bucket{le="+Inf"} 3
                wait_seconds_sum 2.25
                wait_seconds_count 3

                """)
    }

    @Test func `a histogram ignores an observation that is not a number`() {
        let recorder = Recorder(label: "size", dimensions: [], aggregate: true, factory: metrics)
        for value in [Double.nan, .infinity, -.infinity, 1] { recorder.record(value) }
        #expect(metrics.exposition().hasSuffix("size_sum 1\nsize_count 1\n"))
    }

    @Test func `a meter and a gauge show their current value`() {
        let meter = Meter(label: "meter", factory: metrics)
        meter.set(5)
        meter.increment(by: 1.5)
        meter.decrement(by: 10.0)
        let gauge = Gauge(label: "gauge", factory: metrics)
        gauge.record(3)
        gauge.record(2)
        #expect(metrics.exposition() == "# TYPE gauge gauge\ngauge 2\n# TYPE meter gauge\nmeter -3.5\n")
    }

    @Test func `a counter never falls`() {
        let whole = counter("calls_total")
        whole.increment(by: 5)
        whole.increment(by: -3)
        let floating = FloatingPointCounter(label: "seconds_total", factory: metrics)
        for amount in [0.5, -1, .nan, .infinity] { floating.increment(by: amount) }
        #expect(metrics.exposition().contains("\ncalls_total 5\n"))
        #expect(metrics.exposition().hasSuffix("\nseconds_total 0.5\n"))
    }

    @Test func `destroying a metric's handler keeps its count`() {
        let counter = counter("calls_total")
        counter.increment()
        counter.destroy()
        #expect(metrics.exposition().hasSuffix("\ncalls_total 1\n"))
    }

    @Test func `a metric keeps the kind of its first use`() {
        counter("calls_total").increment()
        Meter(label: "calls_total", factory: metrics).set(9)
        Timer(label: "calls_total", factory: metrics).recordSeconds(9)
        metrics.declare("calls_total", .gauge, help: "Nine.", labels: [[("a", "b")]])
        #expect(metrics.exposition() == "# TYPE calls_total counter\ncalls_total 1\n")
    }

    @Test func `series above a family's limit are counted together, and known series go on alone`() {
        let metrics = PrometheusMetrics(seriesLimit: 2)
        for user in ["u1", "u2", "u3", "u4", "u1", "u5"] {
            Counter(label: "calls_total", dimensions: [("user", user)], factory: metrics).increment()
        }
        Counter(label: "others_total", dimensions: [("user", "u9")], factory: metrics).increment()
        #expect(
            metrics.exposition() == """
                # TYPE calls_total counter
                calls_total{overflow="true"} 3
                calls_total{user="u1"} 2
                calls_total{user="u2"} 1
                # TYPE others_total counter
                others_total{user="u9"} 1

                """)
    }

    @Test func `each of many series of a metric goes on alone`() {
        for number in Array(0..<40) + Array(0..<40).reversed() {
            counter("calls_total", [("a", "1"), ("number", "\(number)")]).increment()
        }
        let lines = metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("calls_total{") }
        #expect(lines.count == 40 && lines.allSatisfy { $0.hasSuffix(" 2") })
    }

    @Test func `concurrent counts of many tasks are complete`() async {
        let metrics = metrics
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for step in 0..<500 {
                        Counter(label: "calls_total", dimensions: [("t", "\(task % 2)")], factory: metrics).increment()
                        Timer(label: "wait", factory: metrics).recordNanoseconds(0)
                        if step % 100 == 0 { _ = metrics.exposition() }
                    }
                }
            }
        }
        let lines = metrics.exposition().split(separator: "\n")
        #expect(lines.contains("calls_total{t=\"0\"} 2000") && lines.contains("calls_total{t=\"1\"} 2000"))
        #expect(lines.contains("wait_count 4000") && lines.contains("wait_bucket{le=\"0.1\"} 4000"))
    }

    @Test func `label combinations have every row of values, the first label changing slowest`() {
        let rows = PrometheusMetrics.combinations(of: [("a", ["1", "2"]), ("b", ["x", "y"])])
        let texts = rows.map { row in row.map { "\($0.0)\($0.1)" }.joined() }
        #expect(texts == ["a1bx", "a1by", "a2bx", "a2by"])
        #expect(PrometheusMetrics.combinations(of: [("a", [])]).isEmpty)
    }
}
