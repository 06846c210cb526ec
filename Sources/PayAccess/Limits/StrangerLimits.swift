import PayCore
package import PayFlow

/// Limits, per client address, of work that costs CPU and needs no key. The merchant is not limited.
///
/// Each limit counts only work that is done anew: answers from a cache are free. So a shop whose buyers all seem to come from
/// one proxy's address reaches them only when many buyers open new pages at once.
package struct StrangerLimits: Sendable {
    /// Checkout pages: about a millisecond each.
    private let pages = RateLimit(burst: 200, perSecond: 50)
    /// QR pictures: up to five milliseconds each.
    private let pictures = RateLimit(burst: 100, perSecond: 20)
    /// Tokens whose signature a public key refused: up to 0.2 milliseconds for each key that was tried.
    private let refusedTokens = RateLimit(burst: 60, perSecond: 20)
    private let clock: any PayClock

    package init(clock: any PayClock) {
        self.clock = clock
    }

    /// Counts a checkout page. Returns how long to wait when the address has had too many drawn.
    package func pause(beforePageFor client: NetworkAddress?) -> Duration? {
        pages.pause(before: client.network, at: clock.now())
    }

    /// Counts a picture. Returns how long to wait when the address has had too many drawn.
    package func pause(beforePictureFor client: NetworkAddress?) -> Duration? {
        pictures.pause(before: client.network, at: clock.now())
    }

    /// How long to wait while too many tokens from the address were refused; counts nothing.
    package func pause(beforeTokenOf client: NetworkAddress?) -> Duration? {
        refusedTokens.pauseNow(for: client.network, at: clock.now())
    }

    package func countRefusedToken(of client: NetworkAddress?) {
        _ = refusedTokens.pause(before: client.network, at: clock.now())
    }
}
