import PayCore

extension FlowParts {
    /// Applies one decision to an order, with the time at which the write lock is held: waiting for it may take longer
    /// than a lease.
    func decide<Outcome: Sendable>(
        on number: OrderNumber, creating draft: Order? = nil,
        _ decide: @escaping @Sendable (inout Order, Instant) throws -> Decision<Outcome>
    ) async throws -> Outcome {
        let clock = clock
        let outcome = try await ledger.update(number, creating: draft, at: clock.now()) { order in
            try decide(&order, clock.now())
        }
        guard let outcome else { throw OrderVanished(number: number) }
        return outcome
    }

    /// Ensures that a right covers a call that begins now. The right is renewed if the commit took so long that the
    /// lease would end before the call. Nil if the right is outdated, or if the machine is too slow to hold a lease.
    func cover(_ right: LeaseRight) async throws -> LeaseRight? {
        var right = right
        for _ in 0..<Self.mostRenewals {
            if right.covers(aCallOf: rules.providerTimeout, at: clock.now()) { return right }
            guard let renewed = try await renew(right) else { return nil }
            right = renewed
        }
        // Nothing was sent under the right, so no caller needs to wait for its end.
        try await giveBack(right, unanswered: false)
        return nil
    }

    /// Renews the right for one more call of a chain, and returns the attempt of the call. Nil if the right is
    /// outdated. No read may happen between the renewal and the call, because it might take longer than the lease.
    func renew(_ right: LeaseRight, about tradeNumber: TradeNumber) async throws -> (LeaseRight, Attempt)? {
        let rules = rules
        let renewal = try await decide(on: right.order) { order, now in
            Decision((order.renewLease(right, rules: rules, at: now), order.attempt(tradeNumber)))
        }
        guard let renewed = renewal.0, let attempt = renewal.1, let covering = try await cover(renewed) else {
            return nil
        }
        return (covering, attempt)
    }

    /// Ends the work under a right, unless it is outdated.
    func giveBack(_ right: LeaseRight, unanswered: Bool) async throws {
        try await decide(on: right.order) { order, _ in
            Decision(order.giveBackLease(right, unanswered: unanswered))
        }
    }

    private static var mostRenewals: Int { 3 }

    private func renew(_ right: LeaseRight) async throws -> LeaseRight? {
        let rules = rules
        return try await decide(on: right.order) { order, now in
            Decision(order.renewLease(right, rules: rules, at: now))
        }
    }
}
