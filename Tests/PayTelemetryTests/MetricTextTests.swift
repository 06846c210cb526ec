import Testing

@testable import PayTelemetry

@Suite struct MetricTextTests {
    @Test(arguments: [
        ("paypage_orders_total", "paypage_orders_total"), ("job:x:rate5m", "job:x:rate5m"), ("_a9", "_a9"),
        ("http.server.duration", "http_server_duration"), ("9lives", "_9lives"), ("", "_"), ("é\n", "__"),
    ])
    func `a metric name keeps every character that Prometheus allows`(name: String, written: String) {
        #expect(MetricText.metricName(name) == written)
    }

    @Test(
        arguments: [
            ([("b", "2"), ("a", "1")], #"a="1",b="2""#),
            ([("a", "1"), ("a", "2")], #"a="1""#),
            ([("a.b:c", "x")], #"a_b_c="x""#),
            ([("le", "x"), ("__name__", "y")], #"exported___name__="y",exported_le="x""#),
            ([("v", "say \"hi\"\n\\n")], #"v="say \"hi\"\n\\n""#),
            ([("v", "a\r\nb")], "v=\"a\r\\nb\""),
            ([("v", "微信 {},=")], #"v="微信 {},=""#),
            ([], ""),
        ] as [([(String, String)], String)])
    func `labels are sorted, and their values are escaped`(labels: [(String, String)], written: String) {
        #expect(MetricText.labels(labels).unicodeScalars.elementsEqual(written.unicodeScalars))
    }

    @Test func `a metric's help text keeps its quotes and stays on one line`() {
        #expect(MetricText.escapedHelp("a \"b\"\nc\\d") == #"a "b"\nc\\d"#)
    }

    @Test(arguments: [
        (0, "0"), (-0.0, "0"), (3, "3"), (-2, "-2"), (0.005, "0.005"), (1e-9, "1e-09"), (2.5, "2.5"),
        (9_007_199_254_740_992, "9007199254740992"), (1e300, "1e+300"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        (.nan, "NaN"),
    ])
    func `a metric value is written as Prometheus reads it`(value: Double, written: String) {
        #expect(MetricText.number(value) == written)
    }
}
