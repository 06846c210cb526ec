package import PayAccess
package import PayCore

/// What the service was configured to, as far as the routes ask.
package struct APIRules: Sendable {
    package let orderTTL: Duration
    package let deadlines: Deadlines
    package let returnHosts: [String]?
    package let trustedProxies: [AddressRange]
    /// The web origins whose scripts may call the API.
    package let corsOrigins: [String]
    /// The channels that the service was started without, though they have work to do.
    package let withoutChannels: [Channel]
    /// Where the service is reached from outside, without a slash at the end.
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

    /// How long a checkout link outlives the last word about its order, so that whoever holds it is told that word.
    private static let afterLastWord = Duration.seconds(600)

    /// When the token of a checkout link is over: some minutes after nothing can become of the order any more.
    func checkoutTokenEnd(of deadline: Instant) -> Instant {
        deadlines.providerDeadline(of: deadline) + deadlines.margin + Self.afterLastWord
    }
}
