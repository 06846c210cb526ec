import PayCore
import PayFlow

/// The charts of payments and refunds: for each currency the amounts, and below them the counts.
struct MoneyCharts: Sendable {
    enum Kind: String, Sendable {
        case payments, refunds
    }

    /// Most shops have one currency. A page of charts that nobody reads helps nobody.
    static let mostCurrencies = 6

    let drawing: ChartDrawing

    private var language: ConsoleLanguage { drawing.language }

    /// The currencies with the most payments first. One empty chart if there are none.
    func charts(of kind: Kind, _ totals: [MoneyTotal]) -> [Chart] {
        let byCurrency = Dictionary(grouping: totals, by: \.currency)
            .map { (currency: $0.key, totals: $0.value, count: $0.value.reduce(0) { $0 + $1.count }) }
            .sorted { ($1.count, $0.currency.code) < ($0.count, $1.currency.code) }
        guard !byCurrency.isEmpty else {
            return [
                drawing.empty(kind.rawValue, name(kind), language.of("None in this period.", "此时间段内没有。"))
            ]
        }
        return byCurrency.prefix(Self.mostCurrencies).map {
            chart(of: kind, $0.currency, $0.totals, count: $0.count)
        }
    }

    private func chart(of kind: Kind, _ currency: Currency, _ totals: [MoneyTotal], count: Int)
        -> Chart
    {
        var amounts = [Int64](repeating: 0, count: drawing.steps.count)
        var counts = [Int](repeating: 0, count: drawing.steps.count)
        for total in totals where amounts.indices.contains(total.step) {
            amounts[total.step] = Self.sum(amounts[total.step], total.amount)
            counts[total.step] += total.count
        }
        let code = currency.code
        let unit = (0..<currency.decimals).reduce(1.0) { unit, _ in unit * 10 }
        let style = kind == .payments ? CurveStyle.payments : .refunds
        let amountCurve = PlotData(
            name: language.of("Amount", "金额"), style: style, values: amounts.map { Double($0) },
            text: { MoneyText.text(Self.whole($0), code) },
            mark: { [language] in ScaleMark.text($0 / unit, in: language) })
        let countCurve = PlotData(
            name: language.of("Count", "笔数"), style: style, values: counts.map { Double($0) },
            text: { "\(Self.whole($0))" }, mark: { [language] in ScaleMark.text($0, in: language) })
        let sum = MoneyText.text(amounts.reduce(0, Self.sum), code)
        return drawing.chart(
            "\(kind.rawValue)-\(code.lowercased())", "\(name(kind)), \(code)",
            lead: language.of("\(count) in all, \(sum)", "共 \(count) 笔，\(sum)"),
            [
                .init(
                    label: amountCurve.name, shape: .bars, curves: [amountCurve],
                    scale: PlotScale(covering: amountCurve.values, least: 2 * unit)),
                .init(
                    label: countCurve.name, shape: .bars, curves: [countCurve],
                    scale: PlotScale(covering: countCurve.values, least: 2), isLow: true),
            ])
    }

    private func name(_ kind: Kind) -> String {
        switch kind {
        case .payments: language.of("Payments", "付款")
        case .refunds: language.of("Refunds", "退款")
        }
    }

    /// The largest number instead of an overflow: a chart is no book.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    private static func whole(_ value: Double) -> Int64 { Int64(exactly: value.rounded()) ?? .max }
}
