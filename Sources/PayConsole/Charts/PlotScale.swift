/// The vertical scale of a plot: from zero to a round number.
struct PlotScale: Hashable, Sendable {
    let top: Double

    /// Twice, four, six, eight or ten times a power of ten, so that half of it is round too, and is whole for counts.
    ///
    /// - Parameters:
    ///   - values: negative values and those that are not finite are ignored.
    ///   - least: the smallest top, for values that are all small or missing. Above zero.
    init(covering values: [Double?], least: Double) {
        let largest = values.compactMap { $0 }.filter(\.isFinite).reduce(least, max)
        var power = 1.0
        while power * 10 < largest { power *= 10 }
        while power >= largest { power /= 10 }
        top = [2, 4, 6, 8, 10].map { $0 * power }.first { $0 >= largest } ?? largest
    }

    /// A fixed scale.
    init(top: Double) {
        self.top = top
    }

    var half: Double { top / 2 }
}
