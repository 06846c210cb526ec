/// The side on which the margin is kept: the buyer's or the provider's.
public enum DeadlinePolicy: String, CaseIterable, Sendable {
    /// The last pay call is accepted one margin before the order's deadline. The provider ends at the deadline.
    case reserve
    /// Pay calls are accepted up to the order's deadline. The provider ends one margin after it.
    case grace
}

/// The instants that follow from an order's deadline.
public struct Deadlines: Hashable, Sendable {
    public let policy: DeadlinePolicy
    /// Time reserved for provider calls.
    public let margin: Duration

    public init(policy: DeadlinePolicy, margin: Duration) {
        self.policy = policy
        self.margin = margin
    }

    /// Pay calls are accepted before this instant, but not at it.
    public func cutOff(of deadline: Instant) -> Instant {
        switch policy {
        case .reserve: deadline - margin
        case .grace: deadline
        }
    }

    /// How long a provider takes money for an order with this lifetime.
    public func providerLife(of orderLife: Duration) -> Duration {
        switch policy {
        case .reserve: orderLife
        case .grace: orderLife + margin
        }
    }

    /// The provider takes no money for an attempt after this instant.
    public func providerDeadline(of deadline: Instant) -> Instant {
        switch policy {
        case .reserve: deadline
        case .grace: deadline + margin
        }
    }
}

extension PayRules {
    /// The shortest lifetime that would leave time for a first page; nil if the draft's own lifetime does.
    public func shortestLife(of draft: Order, trade: TradeTerms, at now: Instant) -> Duration? {
        let providerDeadline = deadlines.providerDeadline(of: draft.deadline)
        let hasRoom = draft.hasRoom(for: trade, until: providerDeadline, rules: self, at: now)
        guard !hasRoom || now >= deadlines.cutOff(of: draft.deadline) else { return nil }
        let forUser = Duration.seconds(1)
        let call = trade.shortestRoom(self)
        switch deadlines.policy {
        case .reserve: return max(deadlines.margin + forUser, call)
        case .grace: return max(forUser, call - deadlines.margin)
        }
    }
}
