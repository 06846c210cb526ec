/// The drawing of values over equal steps, as the path of an SVG.
///
/// The drawing is `stepWidth` wide for each step and `height` high. The page stretches it to its place, so that texts stay
/// outside of it and keep their size.
enum PlotPath {
    static let stepWidth = 10
    static let height = 100.0
    /// A value above zero is visible, however small it is.
    private static let leastBar = 1.5
    private static let barMargin = 1

    static func viewBox(steps: Int) -> String { "0 0 \(max(1, steps) * stepWidth) \(Int(height))" }

    /// A bar for each value above zero.
    static func bars(_ values: [Double?], on scale: PlotScale) -> String {
        values.enumerated().compactMap { index, value -> String? in
            guard let value, value > 0 else { return nil }
            let bar = max(leastBar, share(value, scale) * height)
            let width = stepWidth - 2 * barMargin
            return
                "M\(index * stepWidth + barMargin) \(text(height))v-\(text(bar))h\(width)v\(text(bar))z"
        }.joined()
    }

    /// A line through the values. A missing value is a gap. A value between two gaps is a point.
    static func line(_ values: [Double?], on scale: PlotScale) -> String {
        var path = ""
        var isDrawing = false
        for (index, value) in values.enumerated() {
            guard let value, value.isFinite else {
                isDrawing = false
                continue
            }
            let place =
                "\(index * stepWidth + stepWidth / 2) \(text(height - share(value, scale) * height))"
            if isDrawing {
                path += "L\(place)"
            } else {
                let next = index + 1 < values.count ? values[index + 1] : nil
                let isAlone = next?.isFinite != true
                path += "M\(place)" + (isAlone ? "h0" : "")
            }
            isDrawing = true
        }
        return path
    }

    /// From zero to one, whatever the value is.
    private static func share(_ value: Double, _ scale: PlotScale) -> Double {
        value.isFinite ? min(1, max(0, value / scale.top)) : 1
    }

    /// With at most one decimal.
    private static func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
