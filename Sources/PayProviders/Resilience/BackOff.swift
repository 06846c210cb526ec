/// Exponential back-off with jitter.
enum BackOff {
    /// The share of a pause that is random: enough to separate processes that failed together.
    private static let share = 0.25

    /// The pause after the `count`th failure in a row, counted from 1; at most `longest`. `jitter` is in 0..<1.
    static func pause(_ count: Int, first: Duration, longest: Duration, jitter: Double) -> Duration {
        let doublings = min(max(count - 1, 0), 16)
        return min(longest, first * (1 << doublings)) * (1 - share * jitter)
    }
}
