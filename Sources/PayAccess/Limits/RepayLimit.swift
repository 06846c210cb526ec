import PayCore
package import PayFlow

/// How often those who pay may cause work that can end in a provider call. The merchant isn't limited: it calls for
/// everybody.
package struct RepayLimit: Sendable {
    /// A person who tries every channel on every screen stays far below.
    private let perCaller = RateLimit(burst: 20, perSecond: 1)
    /// A family, an office or a mobile carrier behind one address is no flood.
    private let perAddress = RateLimit(burst: 60, perSecond: 10)
    private let clock: any PayClock

    package init(clock: any PayClock) {
        self.clock = clock
    }

    /// The limit for a caller at an address; nil for the merchant.
    package func limit(of caller: Caller, from address: NetworkAddress?) -> CallLimit? {
        guard caller != .merchant else { return nil }
        return CallLimit { [perCaller, perAddress, clock] in
            let now = clock.now()
            // The caller first: what one is refused is not taken from the others at their address.
            return perCaller.pause(before: caller.keyScope, at: now)
                ?? perAddress.pause(before: address.network, at: now)
        }
    }
}
