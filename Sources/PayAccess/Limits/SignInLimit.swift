package import PayCore

/// Limits, per client address, the sign-ins and the forms with a password. Operators are limited by their accounts too,
/// which the database keeps.
package struct SignInLimit: Sendable {
    private let limit = RateLimit(burst: 10, perMinute: 10)

    package init() {}

    /// Counts a form. If the address has used up its limit, returns the time to wait.
    package func pause(before client: NetworkAddress?, at now: Instant) -> Duration? {
        limit.pause(before: client.network, at: now)
    }
}
