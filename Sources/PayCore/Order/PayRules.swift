/// The settings that the rules depend on.
public struct PayRules: Sendable {
    /// A buyer with more attempts than this needs help, not another attempt.
    public static let mostAttempts = 20
    /// How much longer than the longest provider call a lease lasts: time for the commit that grants the lease on a
    /// busy machine. After a slower commit the lease is renewed before the call.
    public static let leaseSlack = Duration.seconds(2)
    /// An attempt whose outcome stayed unknown for this many leases and answers may be superseded by another attempt of
    /// its channel (Stripe replays a stored 500 for a day).
    public static let leasesUntilUnknownGivesWay = 3
    /// A close is sent, then the trade is queried.
    static let callsOfOneClose = 2
    /// A refund is queried, requested, and after a refusal queried again.
    static let callsOfOneRefund = 3
    /// The longest lease of any process: `provider.timeout` is 60 s at most. During a takeover the other process may
    /// have a longer time-out than this one.
    static let longestLease = Duration.seconds(60) + leaseSlack
    /// The longest pause before lease recovery calls a failing provider again.
    public static let longestRecoveryPause = Duration.seconds(300)

    public let deadlines: Deadlines
    public let switchPolicy: SwitchPolicy
    /// The longest time of one provider call.
    public let providerTimeout: Duration

    public init(deadlines: Deadlines, switchPolicy: SwitchPolicy, providerTimeout: Duration) {
        self.deadlines = deadlines
        self.switchPolicy = switchPolicy
        self.providerTimeout = providerTimeout
    }

    /// Whether lease recovery is due: its time has come, or its time was set before the clock was set back.
    static func isRecoveryDue(_ recoverAt: Instant, at now: Instant) -> Bool {
        recoverAt <= now || recoverAt > now + longestRecoveryPause
    }

    /// The length of a lease: longer than the longest single call under it.
    public var leaseLength: Duration { providerTimeout + Self.leaseSlack }
}
