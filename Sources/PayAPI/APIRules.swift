import PayAccess
package import PayCore

/// The configuration of the routes.
package struct APIRules: Sendable {
    package let orderTTL: Duration
    package let deadlines: Deadlines
    package let returnHosts: [String]?
    package let trustedProxies: [AddressRange]
    /// The web origins whose scripts may call the API (CORS).
    package let corsOrigins: [String]
    /// Channels that have work to do but are missing in the configuration.
    package let withoutChannels: [Channel]
    /// The public base URL of the service, without a trailing slash.
    package let publicURL: @Sendable () -> String

    package init(
        orderTTL: Duration, deadlines: Deadlines, returnHosts: [String]?, trustedProxies: [AddressRange],
        corsOrigins: [String] = [], withoutChannels: [Channel] = [],
        publicURL: @escaping @Sendable () -> String
    ) {
        self.orderTTL = orderTTL
        self.deadlines = deadlines
        self.returnHosts = returnHosts
        self.trustedProxies = trustedProxies
        self.corsOrigins = corsOrigins
        self.withoutChannels = withoutChannels
        self.publicURL = publicURL
    }

    /// How long a checkout link outlives the order's final state, so that its holder can still read that state.
    private static let afterLastWord = Duration.seconds(600)

    /// The expiry of a checkout token: some minutes after the order's state can no longer change.
    func checkoutTokenEnd(of deadline: Instant) -> Instant {
        deadlines.providerDeadline(of: deadline) + deadlines.margin + Self.afterLastWord
    }
}
