import PayTelemetry

/// The charts of this process: the hit rate of stored pages, and the latency of each channel's provider.
struct ServiceCharts: Sendable {
    static let mostChannels = 12

    let drawing: ChartDrawing

    private var language: ConsoleLanguage { drawing.language }

    func hitRate(_ pages: [MetricHistory.Pages?]) -> Chart {
        let title = language.of("Hit rate", "命中率")
        let calls = pages.compactMap { $0?.calls }.reduce(0, +)
        let hits = pages.compactMap { $0?.hits }.reduce(0, +)
        guard calls > 0 else {
            return drawing.empty(
                "hits", title, language.of("No pay calls in this period.", "此时间段内没有支付调用。"))
        }
        let rate = PlotData(
            name: title, style: .hits,
            values: pages.map { $0.flatMap { $0.calls == 0 ? nil : Double($0.hits) / Double($0.calls) } },
            text: Self.percent, mark: Self.percent)
        let all = Self.percent(Double(hits) / Double(calls))
        return drawing.chart(
            "hits", title,
            lead: language.of(
                "\(all) of \(calls) pay calls from a stored page", "\(calls) 次支付调用中 \(all) 由已存页面应答"),
            [.init(label: title, shape: .line, curves: [rate], scale: PlotScale(top: 1))])
    }

    /// By channel. One empty chart without any call.
    func latencies(_ calls: [String: [HistogramCounts?]]) -> [Chart] {
        let title = language.of("Provider latency", "支付平台延迟")
        let channels = calls.filter { $0.value.contains { $0 != nil } }.keys.sorted()
        guard !channels.isEmpty else {
            let reason = language.of("No provider calls in this period.", "此时间段内没有调用支付平台。")
            return [drawing.empty("latency", title, reason)]
        }
        return channels.prefix(Self.mostChannels).map { channel in
            let counts = calls[channel] ?? []
            let median = PlotData(
                name: "p50", style: .median, values: counts.map { $0?.quantile(0.5) }, text: Self.seconds,
                mark: Self.seconds)
            let slow = PlotData(
                name: "p95", style: .slow, values: counts.map { $0?.quantile(0.95) }, text: Self.seconds,
                mark: Self.seconds)
            let total = counts.compactMap { $0?.total }.reduce(0, +)
            return drawing.chart(
                "latency-\(channel)", "\(title), \(channel)",
                lead: language.of("\(total) calls", "\(total) 次调用"),
                [
                    .init(
                        label: title, shape: .line, curves: [slow, median],
                        scale: PlotScale(covering: slow.values, least: 0.01))
                ])
        }
    }

    private static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1_000).rounded(.down))
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }

    /// `250 ms`, or `1.2 s` from a second on.
    private static func seconds(_ seconds: Double) -> String {
        let milliseconds = Int((min(seconds, 86_400) * 1_000).rounded())
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        let tenths = (milliseconds + 50) / 100
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
