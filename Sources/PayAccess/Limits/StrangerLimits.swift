package import PayCore
package import PayFlow

/// Limits, per client address, the work that costs CPU and needs no API key. The merchant is not limited.
///
/// Only work that is not cached counts. If all buyers of a shop seem to come from one proxy's address, they reach a
/// limit only when many of them open new pages at once.
package struct StrangerLimits: Sendable {
    /// Checkout pages: about a millisecond of CPU each.
    private let pages = RateLimit(burst: 200, perSecond: 50)
    /// QR pictures: up to five milliseconds of CPU each.
    private let pictures = RateLimit(burst: 100, perSecond: 20)
    /// Tokens that public keys refused: up to 0.2 milliseconds of CPU for each key that was tried.
    private let refusedTokens = RateLimit(burst: 60, perSecond: 20)
    private let clock: any PayClock

    package init(clock: any PayClock) {
        self.clock = clock
    }

    /// Counts a checkout page. If the address has used up its limit, returns the time to wait.
    package func pause(beforePageFor client: NetworkAddress?) -> Duration? {
        pages.pause(before: client.network, at: clock.now())
    }

    /// Counts a QR picture. If the address has used up its limit, returns the time to wait.
    package func pause(beforePictureFor client: NetworkAddress?) -> Duration? {
        pictures.pause(before: client.network, at: clock.now())
    }

    /// The time to wait while too many tokens from the address were refused. Counts nothing.
    package func pause(beforeTokenOf client: NetworkAddress?) -> Duration? {
        refusedTokens.pauseNow(for: client.network, at: clock.now())
    }

    package func countRefusedToken(of client: NetworkAddress?) {
        _ = refusedTokens.pause(before: client.network, at: clock.now())
    }
}
