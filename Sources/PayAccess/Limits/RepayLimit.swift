package import PayCore
package import PayFlow

/// Limits the calls of users and checkout holders that can reach a provider. The merchant is not limited, because it
/// calls on behalf of all users.
package struct RepayLimit: Sendable {
    /// Enough for a person who tries every channel on every device.
    private let perCaller: RateLimit
    /// Enough for a family, an office or a mobile carrier behind one address.
    private let perAddress: RateLimit
    private let clock: any PayClock

    /// - Parameter nodes: the processes that share the limits.
    package init(clock: any PayClock, nodes: Int = 1) {
        perCaller = RateLimit(burst: 20, perSecond: 1, dividedBy: nodes)
        perAddress = RateLimit(burst: 60, perSecond: 10, dividedBy: nodes)
        self.clock = clock
    }

    /// The limit for a caller at an address. Nil for the merchant.
    package func limit(of caller: Caller, from address: NetworkAddress?) -> CallLimit? {
        guard caller != .merchant else { return nil }
        return CallLimit { [perCaller, perAddress, clock] in
            let now = clock.now()
            // The caller's limit is checked first, so that a refused caller does not use up the limit of its address.
            return perCaller.pause(before: caller.keyScope, at: now)
                ?? perAddress.pause(before: address.network, at: now)
        }
    }
}
