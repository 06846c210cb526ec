import Hummingbird
import PayAPI
import PayCore
import PayFlow
import PayTelemetry

/// The charts of money and providers over time.
struct TrendPages: Sendable {
    static let path = "/console/trends"

    private let history: MetricHistory
    private let money: MoneyTrends

    init(parts: ConsoleParts) {
        history = parts.trends
        money = MoneyTrends(parts.store)
    }

    var routes: [ConsoleRoute] {
        [
            .get("/console/trends", role: .viewer) { visit, _ in
                let span = visit.query("span").flatMap(TrendSpan.init(rawValue:)) ?? .day
                return .page(try await page(span, visit.language, at: visit.now))
            }
        ]
    }

    private func page(_ span: TrendSpan, _ language: ConsoleLanguage, at now: Instant) async throws
        -> ConsolePage
    {
        let sums = try await money.sums(over: span, at: now)
        let drawing = ChartDrawing(span: span, steps: span.steps(until: now), language: language)
        let moneyCharts = MoneyCharts(
            drawing: ChartDrawing(span: span, steps: sums.steps, language: language))
        let providerCharts = ServiceCharts(drawing: drawing)
        let title = language.of("Trends", "趋势")
        let since = UTCTime(history.beginning).seconds
        return ConsolePage(
            title, in: .trends,
            TrendView(
                heading: title, spansName: language.of("Period", "时间段"),
                spans: TrendSpan.allCases.map {
                    .init(
                        spanName: $0.name(in: language), spanHref: "\(Self.path)?span=\($0.rawValue)",
                        isCurrent: $0 == span)
                },
                groups: [
                    .init(
                        groupID: "money", groupTitle: language.of("Money", "资金"),
                        groupLead: language.of(
                            "Payments that paid their order, by the time of payment. Refunds, by the time of success.",
                            "已支付订单的付款，按付款时间统计。退款按成功时间统计。"),
                        charts: moneyCharts.charts(of: .payments, sums.payments)
                            + moneyCharts.charts(of: .refunds, sums.refunds)),
                    .init(
                        groupID: "service", groupTitle: language.of("Service", "服务"),
                        groupLead: language.of(
                            "Figures of this process only, since its start at \(since) UTC.",
                            "仅为本进程自 \(since) UTC 启动以来的数据。"),
                        charts: [providerCharts.hitRate(history.pages(in: drawing.steps))]
                            + providerCharts.latencies(history.calls(in: drawing.steps))),
                ],
                numbersName: language.of("Numbers", "数据"), timeName: language.of("Time (UTC)", "时间（UTC）")))
    }
}

struct TrendView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.trends_mustache)

    struct Span: Sendable {
        let spanName: String
        let spanHref: String
        let isCurrent: Bool
    }

    struct Group: Sendable {
        let groupID: String
        let groupTitle: String
        let groupLead: String
        let charts: [Chart]
    }

    let heading: String
    let spansName: String
    let spans: [Span]
    let groups: [Group]
    let numbersName: String
    let timeName: String
}
