/// The observations of a histogram by bucket.
package struct HistogramCounts: Hashable, Sendable {
    /// The upper bounds, ascending.
    let bounds: [Double]
    /// The number of observations in each bucket, not cumulative. The last bucket counts values above every bound.
    let counts: [Int]

    package init(bounds: [Double], counts: [Int]) {
        self.bounds = bounds
        self.counts = counts
    }

    package var total: Int { counts.reduce(0, +) }

    /// The value below which the share `quantile` of the observations lies, by linear interpolation in its bucket, as
    /// Prometheus' `histogram_quantile` does. The highest bound for a value above every bound. Nil without observations.
    package func quantile(_ quantile: Double) -> Double? {
        let rank = quantile * Double(total)
        guard total > 0 else { return nil }
        var below = 0
        for (index, bound) in bounds.enumerated() {
            let inBucket = counts[index]
            if inBucket > 0, Double(below + inBucket) >= rank {
                let floor = index == 0 ? 0 : bounds[index - 1]
                return floor + (bound - floor) * max(0, rank - Double(below)) / Double(inBucket)
            }
            below += inBucket
        }
        return bounds.last
    }

    /// The sum of both. `other` counts only if it has the same bounds.
    func added(to other: HistogramCounts?) -> HistogramCounts {
        guard let other, other.bounds == bounds else { return self }
        return HistogramCounts(bounds: bounds, counts: zip(counts, other.counts).map { $0 + $1 })
    }

    /// The observations since `earlier`, a reading of the same histogram.
    func since(_ earlier: HistogramCounts?) -> HistogramCounts {
        guard let earlier, earlier.bounds == bounds else { return self }
        return HistogramCounts(bounds: bounds, counts: zip(counts, earlier.counts).map { max(0, $0 - $1) })
    }
}
