public import PayCore
public import PayFlow

extension SQLiteLedger: Outbox {
    /// Reads first, because a write transaction makes every other writer wait.
    public func claimDeliveries(
        dueAt now: Instant, until end: Instant, limit: Int
    ) async throws -> ClaimedDeliveries {
        guard try await read({ try OutboxStatements.isAnyDue(at: now, $0) }) else {
            return ClaimedDeliveries(claims: [], unreadable: [])
        }
        return try await write { try OutboxStatements.claim(dueAt: now, until: end, limit: limit, $0) }
    }

    public func finishDelivery(
        _ claim: DeliveryClaim, _ step: DeliveryStep, answer: DeliveryAnswer, at now: Instant
    ) async throws -> Bool {
        let mark = OutboxStatements.ClaimMark(
            id: claim.delivery.id, order: claim.delivery.order.number.text, tries: claim.tries)
        return try await write { try OutboxStatements.finish(mark, step, answer: answer.words, at: now, $0) }
    }

    public func deliveries(_ listing: DeliveryListing) async throws -> [DeliveryRecord] {
        try await read { try DeliveryListStatements.list(listing, $0) }
    }

    public func resendDeliveries(_ wanted: DeliveriesToResend, at now: Instant) async throws -> ResendReport {
        try await write(goesAlone: true) { try DeliveryListStatements.resend(wanted, at: now, $0) }
    }
}
