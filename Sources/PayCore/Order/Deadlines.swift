/// Which end of the margin the user and the provider see.
public enum DeadlinePolicy: String, CaseIterable, Sendable {
    /// The last pay call is accepted a margin before the order's deadline; the provider ends with the order.
    case reserve
    /// Pay calls are accepted up to the order's deadline; the provider ends a margin after it.
    case grace
}

/// The instants that follow from an order's deadline.
public struct Deadlines: Hashable, Sendable {
    public let policy: DeadlinePolicy
    /// Time kept back for talking to the provider.
    public let margin: Duration

    public init(policy: DeadlinePolicy, margin: Duration) {
        self.policy = policy
        self.margin = margin
    }

    /// A pay call is accepted up to, not at, this instant.
    public func cutOff(of deadline: Instant) -> Instant {
        switch policy {
        case .reserve: deadline - margin
        case .grace: deadline
        }
    }

    /// How long a provider takes money for an order that lives so long.
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
    /// The shortest life that an order could be given now, when the one it has leaves no room for a first page; nil
    /// when it does.
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
