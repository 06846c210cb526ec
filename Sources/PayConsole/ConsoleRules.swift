package import PayAccess
package import PayCore

/// The settings of the console.
package struct ConsoleRules: Sendable {
    /// The most that an operator refunds at once, in minor units of the order's currency. Nil for no limit. An admin has
    /// none.
    package let refundLimit: Int64?
    /// The origin under which operators reach the console, such as `https://pay-console.example.com`. Nil for loopback
    /// alone.
    package let origin: String?
    /// How long a session lasts without a request.
    package let idleLimit: Duration
    /// How long a session lasts at most.
    package let sessionLimit: Duration
    package let clientAddress: ClientAddress

    package init(
        refundLimit: Int64?, origin: String? = nil, idleLimit: Duration = .seconds(1_800),
        sessionLimit: Duration = .seconds(43_200), trustedProxies: [AddressRange] = []
    ) {
        self.refundLimit = refundLimit
        self.origin = origin
        self.idleLimit = idleLimit
        self.sessionLimit = sessionLimit
        clientAddress = ClientAddress(trustedProxies: trustedProxies)
    }

    /// Whether a person of this role may refund the amount.
    package func mayRefund(_ amount: Money, as role: OperatorRole) -> Bool {
        switch role {
        case .viewer: false
        case .operator: refundLimit.map { amount.amount <= $0 } ?? true
        case .admin: true
        }
    }
}
