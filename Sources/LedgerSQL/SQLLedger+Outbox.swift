package import PayCore
package import PayFlow

extension SQLLedger {
    /// Reads first, because a write transaction makes every other writer wait.
    package func claimDeliveries(
        dueAt now: Instant, until end: Instant, limit: Int
    ) async throws -> ClaimedDeliveries {
        guard try await read({ try OutboxStatements.isAnyDue(at: now, $0) }) else {
            return ClaimedDeliveries(claims: [], unreadable: [])
        }
        return try await write(.work(.outbox)) { try OutboxStatements.claim(dueAt: now, until: end, limit: limit, $0) }
    }

    package func finishDelivery(
        _ claim: DeliveryClaim, _ step: DeliveryStep, answer: DeliveryAnswer, at now: Instant
    ) async throws -> Bool {
        let mark = OutboxStatements.ClaimMark(
            id: claim.delivery.id, order: claim.delivery.order.number.text, tries: claim.tries)
        return try await write(.statements) {
            try OutboxStatements.finish(mark, step, answer: answer.words, at: now, $0)
        }
    }

    package func deliveries(_ listing: DeliveryListing) async throws -> [DeliveryRecord] {
        try await read { try DeliveryListStatements.list(listing, $0) }
    }

    package func resendDeliveries(_ wanted: DeliveriesToResend, at now: Instant) async throws -> ResendReport {
        try await write(.longWork(.outbox)) { try DeliveryListStatements.resend(wanted, at: now, $0) }
    }
}
