package import PayCore
import Synchronization

/// A token bucket per client: a burst, then a steady rate.
package final class RateLimit: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: Instant
    }

    /// The number of clients above which full buckets are dropped. That many take a few megabytes.
    private static let sweepAbove = 10_000

    private let burst: Double
    private let perSecond: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameter nodes: the processes that share the limit; each has its part of it.
    package init(burst: Int, perSecond: Int, dividedBy nodes: Int = 1) {
        self.burst = max(1, Double(burst) / Double(max(1, nodes)))
        self.perSecond = Double(perSecond) / Double(max(1, nodes))
    }

    package init(burst: Int, perMinute: Int) {
        self.burst = max(1, Double(burst))
        perSecond = Double(perMinute) / 60
    }

    /// Takes a token. If there is none, returns the time until the next one.
    package func pause(before client: String, at now: Instant) -> Duration? {
        buckets.withLock { buckets in
            if buckets.count > Self.sweepAbove {
                buckets = buckets.filter { refilled($0.value, at: now) < burst }
            }
            let tokens = buckets[client].map { refilled($0, at: now) } ?? burst
            guard tokens >= 1 else {
                // If the clock was set back, the bucket refills from now on, not from when the old time is reached
                // again.
                if let bucket = buckets[client], bucket.at > now { buckets[client] = Bucket(tokens: tokens, at: now) }
                return pause(untilOneFrom: tokens)
            }
            buckets[client] = Bucket(tokens: tokens - 1, at: now)
            return nil
        }
    }

    /// The time until the next token; nil if there is one. Takes no token.
    func pauseNow(for client: String, at now: Instant) -> Duration? {
        buckets.withLock { buckets in
            let tokens = buckets[client].map { refilled($0, at: now) } ?? burst
            return tokens >= 1 ? nil : pause(untilOneFrom: tokens)
        }
    }

    private func pause(untilOneFrom tokens: Double) -> Duration {
        .milliseconds(Int64((1 - tokens) / perSecond * 1_000) + 1)
    }

    private func refilled(_ bucket: Bucket, at now: Instant) -> Double {
        let seconds = Double((now - bucket.at).wholeMilliseconds) / 1_000
        return min(burst, bucket.tokens + max(0, seconds) * perSecond)
    }
}
