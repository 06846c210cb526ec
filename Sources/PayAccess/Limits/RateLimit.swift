package import PayCore
import Synchronization

/// A bucket of tokens for each client: so many at once, refilled steadily.
package final class RateLimit: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: Instant
    }

    /// Clients that are remembered before full buckets are swept out: a few megabytes.
    private static let sweepAbove = 10_000

    private let burst: Double
    private let perSecond: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    package init(burst: Int, perSecond: Int) {
        self.burst = Double(burst)
        self.perSecond = Double(perSecond)
    }

    /// Takes a token, or says how long until there is one.
    package func pause(before client: String, at now: Instant) -> Duration? {
        buckets.withLock { buckets in
            if buckets.count > Self.sweepAbove {
                buckets = buckets.filter { refilled($0.value, at: now) < burst }
            }
            let tokens = buckets[client].map { refilled($0, at: now) } ?? burst
            guard tokens >= 1 else {
                // After the clock was set back, the bucket fills from now on, not from when the old time is reached again.
                if let bucket = buckets[client], bucket.at > now { buckets[client] = Bucket(tokens: tokens, at: now) }
                return pause(untilOneFrom: tokens)
            }
            buckets[client] = Bucket(tokens: tokens - 1, at: now)
            return nil
        }
    }

    /// How long until there is a token; nil when there is one. Takes none.
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
