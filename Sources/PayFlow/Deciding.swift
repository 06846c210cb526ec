import PayCore

extension FlowParts {
    /// One decision on an order, at the instant at which it holds the write lock: the wait for that lock can take
    /// longer than a lease.
    func decide<Outcome: Sendable>(
        on number: OrderNumber, creating draft: Order? = nil,
        _ decide: @escaping @Sendable (inout Order, Instant) throws -> Decision<Outcome>
    ) async throws -> Outcome {
        let clock = clock
        let outcome = try await decisions.update(number, creating: draft, at: clock.now()) { order in
            try decide(&order, clock.now())
        }
        guard let outcome else { throw OrderVanished(number: number) }
        return outcome
    }

    /// Checks a right before a call that is made at once. A right is renewed again if its commit took so long that it
    /// would run out before the call. Nil if the right is old, or if the machine is too slow to hold it.
    func cover(_ right: LeaseRight) async throws -> LeaseRight? {
        var right = right
        for _ in 0..<Self.mostRenewals {
            if right.covers(aCallOf: rules.providerTimeout, at: clock.now()) { return right }
            guard let renewed = try await renewOnce(right, noting: []) else { return nil }
            right = renewed
        }
        // Nothing was sent under this right: nobody has to wait for its end.
        try await giveBack(right, unanswered: false)
        return nil
    }

    /// Renews a right for the next call of a chain, in the commit that stores the notes of the call before it. Nil if
    /// the right is old. Precondition: nothing is awaited between this and the call.
    func renew(_ right: LeaseRight, noting notes: [HistoryNote]) async throws -> LeaseRight? {
        guard let renewed = try await renewOnce(right, noting: notes) else { return nil }
        return try await cover(renewed)
    }

    /// Ends the work under a right, unless the right is old.
    func giveBack(_ right: LeaseRight, unanswered: Bool) async throws {
        try await decide(on: right.order) { order, _ in
            Decision(order.giveBackLease(right, unanswered: unanswered))
        }
    }

    private static var mostRenewals: Int { 3 }

    private func renewOnce(_ right: LeaseRight, noting notes: [HistoryNote]) async throws -> LeaseRight? {
        let rules = rules
        return try await decide(on: right.order) { order, now in
            Decision(order.renewLease(right, rules: rules, at: now), noting: notes)
        }
    }
}

/// A provider call that comes next: the right was taken or renewed in the commit that read the attempt.
struct NextCall: Sendable {
    let right: LeaseRight
    let attempt: Attempt
}

extension Order {
    /// The call of a step that took the lease. Nil without that attempt.
    func nextCall(about tradeNumber: TradeNumber, under right: LeaseRight) -> NextCall? {
        attempt(tradeNumber).map { NextCall(right: right, attempt: $0) }
    }

    /// Renews the lease for one more call of the chain. Nil if the right is old.
    mutating func continueChain(
        about tradeNumber: TradeNumber, under right: LeaseRight, rules: PayRules, at now: Instant
    ) -> NextCall? {
        guard let renewed = renewLease(right, rules: rules, at: now) else { return nil }
        return nextCall(about: tradeNumber, under: renewed)
    }
}

extension FinishedOpening {
    /// The close or the query that must follow, with the lease renewed for it in this commit.
    func nextCall(
        in order: inout Order, under right: LeaseRight, rules: PayRules, at now: Instant
    ) -> NextCall? {
        switch self {
        case .close(let number), .query(let number):
            order.continueChain(about: number, under: right, rules: rules, at: now)
        case .serve, .refuse, .fenced, .settled, .returned, .beginAgain: nil
        }
    }

    /// Whether the right is still held, and no call follows.
    var keepsTheRight: Bool {
        switch self {
        case .beginAgain, .returned: true
        case .serve, .refuse, .fenced, .close, .query, .settled: false
        }
    }
}
