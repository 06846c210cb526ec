import PayCore
import PayFlow

/// Limits, per client address, of work that costs CPU and needs no key. The merchant is not limited.
///
/// Each limit counts only work that is done anew: answers from a cache are free. So a shop whose buyers all seem to come from
/// one proxy's address reaches them only when many buyers open new pages at once.
struct StrangerLimits: Sendable {
    /// Checkout pages: about a millisecond each.
    private let pages = RateLimit(burst: 200, perSecond: 50)
    /// QR pictures: up to five milliseconds each.
    private let pictures = RateLimit(burst: 100, perSecond: 20)
    /// Tokens whose signature a public key refused: up to 0.2 milliseconds for each key that was tried.
    private let refusedTokens = RateLimit(burst: 60, perSecond: 20)
    private let clock: any PayClock

    init(clock: any PayClock) {
        self.clock = clock
    }

    /// Throws `RATE_LIMITED` when the address has had too many checkout pages drawn.
    func countPage(for client: NetworkAddress?) throws(Problem) {
        try count(pages, client)
    }

    /// Throws `RATE_LIMITED` when the address has had too many pictures drawn.
    func countPicture(for client: NetworkAddress?) throws(Problem) {
        try count(pictures, client)
    }

    /// Throws `RATE_LIMITED` while too many tokens from the address were refused.
    func checkRefusedTokens(of client: NetworkAddress?) throws(Problem) {
        if let pause = refusedTokens.pauseNow(for: client.network, at: clock.now()) {
            throw .tooOften(retryAfter: pause)
        }
    }

    func countRefusedToken(of client: NetworkAddress?) {
        _ = refusedTokens.pause(before: client.network, at: clock.now())
    }

    private func count(_ limit: RateLimit, _ client: NetworkAddress?) throws(Problem) {
        if let pause = limit.pause(before: client.network, at: clock.now()) { throw .tooOften(retryAfter: pause) }
    }
}
