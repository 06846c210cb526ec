/// A number at a scale, as short as possible: `20K`, `2万`.
enum ScaleMark {
    private static let english: [(power: Double, unit: String)] = [
        (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"),
    ]
    private static let chinese: [(power: Double, unit: String)] = [(1e8, "亿"), (1e4, "万")]

    static func text(_ value: Double, in language: ConsoleLanguage) -> String {
        let units = language == .chinese ? chinese : english
        guard let unit = units.first(where: { value >= $0.power }) else { return digits(value) }
        return digits(value / unit.power) + unit.unit
    }

    /// With at most one decimal.
    private static func digits(_ value: Double) -> String {
        let tenths = Int((min(value, 1e15) * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
