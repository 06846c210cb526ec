package import PayCore
package import PayFlow

extension Actor {
    /// The author of changes in tests that are not about their author.
    package static let tester = Actor(PersonName("tester")!, by: .cli, from: PersonName("test.example"))
}

// Changes by the tester.

extension Close {
    package func callAsFunction(_ number: OrderNumber) async throws -> CloseResult {
        try await self(number, by: .tester)
    }
}

extension RequestRefund {
    package func callAsFunction(
        _ wish: RefundWish, of number: OrderNumber, under key: KeyUse
    ) async throws -> RefundResult {
        try await self(wish, of: number, under: key, by: .tester)
    }
}

extension RetryRefund {
    package func callAsFunction(_ name: String, of number: OrderNumber) async throws -> RefundRetryResult {
        try await self(name, of: number, by: .tester)
    }
}

extension DecideDispute {
    package func callAsFunction(
        _ ruling: DisputeRuling, on transactionID: TransactionID, of number: OrderNumber
    ) async throws -> DisputeResult {
        try await self(ruling, on: transactionID, of: number, by: .tester)
    }
}

extension ChannelStore {
    package func pause(_ channel: Channel, at now: Instant) async throws -> Bool {
        try await pause(channel, by: .tester, at: now)
    }

    package func resume(_ channel: Channel, at now: Instant) async throws -> Bool {
        try await resume(channel, by: .tester, at: now)
    }
}

extension BillStore {
    /// A claim by the clock.
    package func claimBill(
        of channel: Channel, _ day: BillDay, by worker: WorkerID, until end: Instant, at now: Instant
    ) async throws -> BillClaim? {
        try await claimBill(of: channel, day, by: worker, until: end, at: now, audit: nil)
    }
}

extension ReconciliationReads {
    package func decide(_ decision: DifferenceDecision, at now: Instant) async throws -> DecidedDifference? {
        try await decide(decision, by: .tester, at: now)
    }
}
