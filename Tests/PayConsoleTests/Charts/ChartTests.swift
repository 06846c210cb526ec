import PayCore
import PayFlow
import PayTelemetry
import Testing

@testable import PayConsole

/// The charts of known numbers.
@Suite struct ChartTests {
    private let noon = Instant(milliseconds: 1_795_348_800_000)
    private let yuan = Currency("CNY")!

    private func drawing(_ language: ConsoleLanguage = .english) -> ChartDrawing {
        ChartDrawing(
            span: .hour, steps: TimeSteps(3, of: .seconds(60), until: noon), language: language)
    }

    private func total(_ step: Int, _ currency: Currency, _ count: Int, _ amount: Int64) -> MoneyTotal {
        MoneyTotal(step: step, currency: currency, count: count, amount: amount)
    }

    @Test(arguments: TrendSpan.allCases)
    func `the last step of a span contains now, and the process keeps as many steps`(
        _ span: TrendSpan
    ) {
        let steps = span.steps(until: noon + .seconds(7))
        #expect(steps.count == span.count)
        #expect(steps.starts.last! <= noon + .seconds(7))
        #expect(noon + .seconds(7) < steps.end)
        #expect(TrendSpan.periods.contains(.init(span.count, of: span.step)))
    }

    @Test func `a currency has its amounts and its counts on scales of their own`() {
        let charts = MoneyCharts(drawing: drawing()).charts(
            of: .payments, [total(0, yuan, 2, 15_000), total(2, yuan, 1, 5_000)])
        #expect(charts.map(\.chartID) == ["payments-cny"])
        #expect(charts[0].chartLead == "3 in all, 200.00 CNY")
        #expect(charts[0].panels.map(\.top) == ["200", "2"])
        #expect(charts[0].panels.map(\.half) == ["100", "1"])
        #expect(
            charts[0].panels.map { $0.curves[0].curvePath } == [
                "M1 100v-75h8v75zM21 100v-25h8v25z", "M1 100v-100h8v100zM21 100v-50h8v50z",
            ])
        #expect(charts[0].panels[0].panelDescription == "Amount: highest 150.00 CNY at 11:58 UTC")
    }

    @Test func `the table has the numbers of the drawing, without empty steps`() {
        let charts = MoneyCharts(drawing: drawing()).charts(
            of: .refunds, [total(0, yuan, 2, 15_000), total(2, yuan, 1, 5_000)])
        #expect(charts[0].numbers?.numberNames == ["Amount", "Count"])
        #expect(charts[0].numbers?.numberRows.map(\.rowText) == ["11:58", "12:00"])
        #expect(
            charts[0].numbers?.numberRows.map(\.numberCells) == [
                ["150.00 CNY", "2"], ["50.00 CNY", "1"],
            ])
        #expect(charts[0].axis?.axisTimes.map(\.axisText) == ["11:58", "11:59", "12:00"])
    }

    @Test func `currencies are not added up, and the one with the most payments comes first`() {
        let yen = Currency("JPY")!
        let charts = MoneyCharts(drawing: drawing()).charts(
            of: .payments, [total(0, yuan, 1, 100), total(0, yen, 2, 300)])
        #expect(charts.map(\.chartTitle) == ["Payments, JPY", "Payments, CNY"])
        #expect(charts.map(\.chartLead) == ["2 in all, 300 JPY", "1 in all, 1.00 CNY"])
    }

    @Test func `without money the chart says so`() {
        for kind in [MoneyCharts.Kind.payments, .refunds] {
            let charts = MoneyCharts(drawing: drawing()).charts(of: kind, [])
            #expect(charts.map(\.chartEmpty) == ["None in this period."])
            #expect(charts[0].panels.isEmpty)
        }
    }

    @Test func `huge sums are drawn and written without an overflow`() {
        let charts = MoneyCharts(drawing: drawing()).charts(
            of: .payments, [total(0, yuan, 1, .max), total(1, yuan, 1, .max), total(9, yuan, 1, 1)])
        #expect(charts[0].panels[0].curves[0].curvePath.hasPrefix("M1 100v-"))
        #expect(charts[0].panels[0].top == "100000T")
    }

    @Test(arguments: [
        (ConsoleLanguage.english, 0.5, "0.5"), (.english, 999, "999"), (.english, 1_000, "1K"),
        (.english, 20_000, "20K"), (.english, 4e6, "4M"), (.english, 8e9, "8B"),
        (.chinese, 1_000, "1000"),
        (.chinese, 20_000, "2万"), (.chinese, 4e7, "4000万"), (.chinese, 6e8, "6亿"),
    ])
    func `a mark of a scale is short`(_ language: ConsoleLanguage, _ value: Double, _ text: String) {
        #expect(ScaleMark.text(value, in: language) == text)
    }

    @Test func `the hit rate has a gap where nobody paid`() {
        let chart = ServiceCharts(drawing: drawing()).hitRate([
            .init(hits: 9, calls: 10), nil, .init(hits: 0, calls: 0),
        ])
        #expect(chart.panels[0].curves[0].curvePath == "M5 10h0")
        #expect(chart.panels[0].top == "100 %")
        #expect(chart.chartLead == "90 % of 10 pay calls from a stored page")
        #expect(ServiceCharts(drawing: drawing()).hitRate([nil, .init(), nil]).chartEmpty != nil)
    }

    @Test func `a channel has its median and its slow calls on one scale`() {
        let counts = HistogramCounts(bounds: [0.1, 0.2, 1], counts: [0, 100, 0, 0])
        let charts = ServiceCharts(drawing: drawing()).latencies([
            "wechat": [counts, nil, nil], "alipay": [nil, nil, nil],
        ])
        #expect(charts.map(\.chartID) == ["latency-wechat"])
        #expect(charts[0].panels[0].top == "200 ms")
        #expect(charts[0].panels[0].curves.map(\.curvePath) == ["M5 2.5h0", "M5 25h0"])
        #expect(charts[0].numbers?.numberRows.map(\.numberCells) == [["195 ms", "150 ms"]])
        #expect(charts[0].legend?.curveNames.map(\.curveName) == ["p95", "p50"])
        #expect(
            ServiceCharts(drawing: drawing()).latencies([:]).map(\.chartEmpty) == [
                "No provider calls in this period."
            ])
    }
}
