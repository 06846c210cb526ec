import PayCore
import Synchronization

/// The rate limit of fresh pages for each order.
///
/// Each fresh page costs a provider call, and may kill the page on another screen. Each process counts its
/// own part of the limit: it protects the provider, not the money.
final class FreshLimit: Sendable {
    /// The most re-mints of a live page, for one order …
    static let most = 5
    /// … within this time.
    static let window = Duration.seconds(60)
    /// Above this number of orders, old entries are removed: a few megabytes.
    private static let sweepAbove = 10_000

    private let most: Int
    private let recent = Mutex<[OrderNumber: [Instant]]>([:])

    /// - Parameter nodes: the processes that share the limit.
    init(nodes: Int = 1) {
        most = max(1, Self.most / max(1, nodes))
    }

    /// Counts a re-mint, or returns the wait before the next one.
    func pause(before number: OrderNumber, at now: Instant) -> Duration? {
        recent.withLock { recent in
            if recent.count > Self.sweepAbove {
                recent = recent.filter { _, times in times.contains { now - $0 < Self.window } }
            }
            // A time in the future is from before the clock was set back. It counts as now.
            let times = recent[number, default: []].map { min($0, now) }.filter { now - $0 < Self.window }
            guard times.count < most else {
                recent[number] = times
                return times[0] + Self.window - now
            }
            recent[number] = times + [now]
            return nil
        }
    }
}
