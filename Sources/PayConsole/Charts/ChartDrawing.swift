import PayAPI
import PayCore
import PayFlow

/// Draws charts of one span.
struct ChartDrawing: Sendable {
    enum Shape: Sendable {
        case bars, line
    }

    struct Panel: Sendable {
        let label: String
        let shape: Shape
        let curves: [PlotData]
        let scale: PlotScale
        var isLow = false
    }

    let span: TrendSpan
    let steps: TimeSteps
    let language: ConsoleLanguage

    func chart(_ id: String, _ title: String, lead: String, _ panels: [Panel]) -> Chart {
        var chart = Chart(id, title, lead: lead)
        let starts = steps.starts
        chart.panels = panels.enumerated().map { index, panel in
            draw(panel, id: "\(id)-\(index + 1)", starts)
        }
        if panels.contains(where: { $0.curves.count > 1 }) {
            chart.legend = Chart.Legend(
                curveNames: panels.flatMap(\.curves).map {
                    .init(curveName: $0.name, nameStyle: $0.style.rawValue)
                })
        }
        let marks = [starts.first, starts.count > 2 ? starts[starts.count / 2] : nil, starts.last]
        chart.axis = Chart.Axis(
            axisTimes: marks.compactMap { $0 }.map {
                .init(axisInstant: UTCTime($0).description, axisText: span.text(of: $0))
            })
        chart.numbers = numbers(panels.flatMap(\.curves), starts)
        return chart
    }

    /// A chart without anything to draw.
    func empty(_ id: String, _ title: String, _ reason: String) -> Chart {
        var chart = Chart(id, title, lead: "")
        chart.chartEmpty = reason
        return chart
    }

    private func draw(_ panel: Panel, id: String, _ starts: [Instant]) -> Chart.Panel {
        let mark = panel.curves.first?.mark ?? { "\($0)" }
        return Chart.Panel(
            panelID: id, panelLabel: panel.label, panelDescription: description(panel, starts),
            top: mark(panel.scale.top), half: mark(panel.scale.half), isLow: panel.isLow,
            viewBox: PlotPath.viewBox(steps: steps.count),
            curves: panel.curves.map { curve in
                .init(
                    curveStyle: (panel.shape == .bars ? "bars " : "line ") + curve.style.rawValue,
                    curvePath: panel.shape == .bars
                        ? PlotPath.bars(curve.values, on: panel.scale)
                        : PlotPath.line(curve.values, on: panel.scale))
            })
    }

    /// The highest value of each curve, for readers who don't see the drawing.
    private func description(_ panel: Panel, _ starts: [Instant]) -> String {
        panel.curves.map { curve in
            guard let highest = curve.largest else {
                return "\(curve.name): \(language.of("no values", "无数据"))"
            }
            let value = curve.text(highest.value)
            let time = span.text(of: starts[highest.step])
            return
                "\(curve.name): \(language.of("highest \(value) at \(time) UTC", "最高 \(value)，\(time) UTC"))"
        }.joined(separator: language.of("; ", "；"))
    }

    private func numbers(_ curves: [PlotData], _ starts: [Instant]) -> Chart.Numbers {
        let rows = starts.indices.filter { step in curves.contains { $0.isWritten(step) } }
        return Chart.Numbers(
            numberNames: curves.map(\.name),
            numberRows: rows.map { step in
                .init(
                    rowInstant: UTCTime(starts[step]).description, rowText: span.text(of: starts[step]),
                    numberCells: curves.map { curve in curve.values[step].map(curve.text) ?? "–" })
            })
    }
}
