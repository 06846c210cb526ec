/// Pauses that double, and are shortened by chance.
enum BackOff {
    /// A quarter of a pause is left to chance: enough to part processes that failed together.
    private static let share = 0.25

    /// The `count`th pause in a row, counted from 1; never longer than `longest`. `jitter` is from 0 up to 1.
    static func pause(_ count: Int, first: Duration, longest: Duration, jitter: Double) -> Duration {
        let doublings = min(max(count - 1, 0), 16)
        return min(longest, first * (1 << doublings)) * (1 - share * jitter)
    }
}
