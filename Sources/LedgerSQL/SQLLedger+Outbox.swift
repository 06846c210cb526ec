package import PayCore
package import PayFlow

extension SQLLedger {
    /// Reads first, because a write transaction makes every other writer wait.
    package func claimDeliveries(
        to endpoint: EndpointName, dueAt now: Instant, until end: Instant, limit: Int
    ) async throws -> ClaimedDeliveries {
        guard try await read({ try OutboxStatements.isAnyDue(to: endpoint, at: now, $0) }) else {
            return ClaimedDeliveries(claims: [], unreadable: [])
        }
        return try await write(.work(.outbox)) {
            try OutboxStatements.claim(to: endpoint, dueAt: now, until: end, limit: limit, $0)
        }
    }

    package func finishDelivery(
        _ claim: DeliveryClaim, _ step: DeliveryStep, after made: DeliveryTry, at now: Instant
    ) async throws -> Bool {
        try await write(.statements) { try OutboxStatements.finish(.init(claim), step, after: made, at: now, $0) }
    }
}

extension SQLLedger {
    package func deliveries(_ listing: DeliveryListing) async throws -> [DeliveryRecord] {
        try await read { try DeliveryListStatements.list(listing, $0) }
    }

    package func delivery(_ id: DeliveryID) async throws -> DeliveryDetail? {
        try await find { try DeliveryListStatements.detail(id, $0) }
    }

    package func resendDeliveries(
        _ wanted: DeliveriesToResend, by actor: Actor, at now: Instant
    ) async throws -> ResendReport {
        try await write(.longWork(.outbox)) { try ResendStatements.resend(wanted, by: actor, at: now, $0) }
    }

    package func recoverDeliveries(
        since start: Instant, to endpoint: EndpointName?, by actor: Actor, at now: Instant
    ) async throws -> RecoverReport {
        try await write(.longWork(.outbox)) {
            try ResendStatements.recover(since: start, to: endpoint, by: actor, at: now, $0)
        }
    }

    package func events(_ listing: EventListing) async throws -> EventList {
        try await read { try EventListStatement.run(listing, $0) }
    }

    package func event(_ id: EventID) async throws -> EventMessage? {
        try await find { try EventRows.find(id, $0) }
    }

    package func keepEndpoints(_ endpoints: [EndpointEntry], at now: Instant) async throws {
        guard try await read({ try EndpointRows.differ(from: endpoints, $0) }) else { return }
        try await write(.work(.outbox)) { try EndpointRows.keep(endpoints, at: now, $0) }
    }

    package func endpoints() async throws -> [EndpointStanding] {
        try await read { try EndpointRows.standings($0) }
    }
}
