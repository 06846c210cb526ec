package import PayCore
package import PayFlow

/// The lists of the operator's commands, and of the clock jobs.
extension SQLLedger {
    package func history(of order: OrderNumber) async throws -> [HistoryEntry] {
        try await read { try HistoryStore.load(of: order, $0) }
    }

    package func refunds(in state: RefundState?, limit: Int) async throws -> [ListedRefund] {
        try await read { try RefundRows.list(in: state, limit: limit, $0) }
    }

    package func disputes(limit: Int) async throws -> [ListedDispute] {
        try await read { try DisputeStatements.list(limit: limit, $0) }
    }

    package func ordersWithReceipt(_ transactionID: TransactionID) async throws -> [OrderNumber] {
        try await read { try DisputeStatements.orders(with: transactionID, $0) }
    }

    package func ordersNamed(_ number: String, limit: Int) async throws -> [NamedOrder] {
        try await read { try NumberStatements.named(number, limit: limit, $0) }
    }

    package func attention(at now: Instant, limit: Int) async throws -> Attention {
        try await read { try AttentionStatements.load(at: now, limit: limit, $0) }
    }

    package func backlog() async throws -> Backlog {
        try await read { try BacklogStatements.load($0) }
    }

    package func payments(in steps: TimeSteps) async throws -> [MoneyTotal] {
        try await read { try MoneyTotalStatements.run(MoneyTotalStatements.payments, in: steps, $0) }
    }

    package func refunds(in steps: TimeSteps) async throws -> [MoneyTotal] {
        try await read { try MoneyTotalStatements.run(MoneyTotalStatements.refunds, in: steps, $0) }
    }

    package func report(_ conditions: [ServiceCondition], of worker: WorkerID, at now: Instant) async throws {
        try await write(.statements) { try ConditionRows.replace(conditions, of: worker, at: now, $0) }
    }

    package func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await read { try RecoveryStatement.run(on: channels, at: now, limit: limit, $0) }
    }

    package func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber] {
        try await read { try DueStatements.attemptsToWatch(on: channels, at: now, limit: limit, $0) }
    }

    package func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await read { try DueStatements.ordersToExpire(on: channels, at: now, limit: limit, $0) }
    }

    package func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference] {
        try await read { try DueStatements.refundsToAsk(on: channels, at: now, limit: limit, $0) }
    }
}
