package import PayCore

/// The settings of the console.
package struct ConsoleRules: Sendable {
    /// The most that an operator refunds at once, in minor units of the order's currency. Nil for no limit. An admin has
    /// none.
    package let refundLimit: Int64?

    package init(refundLimit: Int64?) {
        self.refundLimit = refundLimit
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
