import PayCore

extension FlowParts {
    /// One decision on an order, at the instant at which it alone may write: waiting for that right can take longer
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

    /// The same of a right that was given, which a call is to be made under now: renewed when the commit took so long
    /// that it would run out before the call. Nil when it is old, or the machine too slow to hold it.
    func cover(_ right: LeaseRight) async throws -> LeaseRight? {
        var right = right
        for _ in 0..<Self.mostRenewals {
            if right.covers(aCallOf: rules.providerTimeout, at: clock.now()) { return right }
            guard let renewed = try await renew(right) else { return nil }
            right = renewed
        }
        // Nothing was sent under it: nobody has to wait for its end.
        try await giveBack(right, unanswered: false)
        return nil
    }

    /// Renewed for one more call of a chain, with the attempt that the call is about; nil when the right is old. Nothing
    /// is awaited between this and the call: what is read here might take longer than the lease.
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

    /// Ends the work under a right, unless it is old.
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
