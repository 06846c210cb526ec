package import PayCore
package import PayFlow

/// The due work of the orders in some slices.
package struct SharedDueWork: DueWork {
    private let ledger: any SQLLedger
    private let slices: ClosedRange<Int>

    /// - Parameter slices: some of ``DueStatements/slices``.
    package init(_ ledger: any SQLLedger, slices: ClosedRange<Int>) {
        self.ledger = ledger
        self.slices = slices
    }

    package func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await ledger.read { [slices] in
            try RecoveryStatement.run(on: channels, in: slices, at: now, limit: limit, $0)
        }
    }

    package func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber] {
        try await ledger.read { [slices] in
            try DueStatements.attemptsToWatch(on: channels, in: slices, at: now, limit: limit, $0)
        }
    }

    package func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await ledger.read { [slices] in
            try DueStatements.ordersToExpire(on: channels, in: slices, at: now, limit: limit, $0)
        }
    }

    package func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference] {
        try await ledger.read { [slices] in
            try DueStatements.refundsToAsk(on: channels, in: slices, at: now, limit: limit, $0)
        }
    }
}
