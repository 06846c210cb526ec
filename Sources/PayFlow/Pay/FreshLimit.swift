import PayCore
import Synchronization

/// Limits how often the buyers of one order may replace a live page.
///
/// Each replacement costs a provider call, and may invalidate the page on another screen. The limit holds for one
/// process: it protects the provider, not the money.
final class FreshLimit: Sendable {
    /// The most replacements of a live page for one order …
    static let most = 5
    /// … within this time.
    static let window = Duration.seconds(60)
    /// The number of orders in memory before old ones are removed: a few megabytes.
    private static let sweepAbove = 10_000

    private let recent = Mutex<[OrderNumber: [Instant]]>([:])

    /// Counts a replacement, or returns how long to wait before the next.
    func pause(before number: OrderNumber, at now: Instant) -> Duration? {
        recent.withLock { recent in
            if recent.count > Self.sweepAbove {
                recent = recent.filter { _, times in times.contains { now - $0 < Self.window } }
            }
            // A time in the future was counted before the clock was set back: it counts as now.
            let times = recent[number, default: []].map { min($0, now) }.filter { now - $0 < Self.window }
            guard times.count < Self.most else {
                recent[number] = times
                return times[0] + Self.window - now
            }
            recent[number] = times + [now]
            return nil
        }
    }
}
