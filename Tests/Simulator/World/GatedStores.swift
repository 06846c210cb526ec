import PayCore
import PayFlow

/// The real outbox, with a gate before and behind each operation.
struct GatedOutbox: Outbox {
    let process: ServiceProcess
    let ledger: any Store

    func claimDeliveries(
        to endpoint: EndpointName, dueAt now: Instant, until end: Instant, limit: Int
    ) async throws -> ClaimedDeliveries {
        try await gated { try await ledger.claimDeliveries(to: endpoint, dueAt: now, until: end, limit: limit) }
    }

    func finishDelivery(
        _ claim: DeliveryClaim, _ step: DeliveryStep, after made: DeliveryTry, at now: Instant
    ) async throws -> Bool {
        try await gated {
            let isStored = try await ledger.finishDelivery(claim, step, after: made, at: now)
            if isStored { process.world.watch.delivery(claim, became: step) }
            return isStored
        }
    }

    private func gated<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
        try await process.pass("before an outbox operation")
        let value = try await JobQueue.shared.foreign(operation)
        try await process.pass("behind an outbox operation")
        return value
    }
}

/// The paused channels, by the real ledger.
struct GatedPauses: ChannelPauses {
    let process: ServiceProcess
    let ledger: any Store

    func pausedChannels() async throws -> Set<Channel> {
        try await process.pass("before a look at the pauses")
        let paused = try await JobQueue.shared.foreign { try await ledger.pausedChannels() }
        CallRecord.current?.sawPaused(paused)
        try await process.pass("behind a look at the pauses")
        return paused
    }
}

/// The purges, by the real ledger.
struct GatedArchive: Archive {
    let process: ServiceProcess
    let ledger: any Store

    func purgePages(ofOrdersOverBy instant: Instant, limit: Int) async throws -> PurgedPages {
        try await process.pass("before a purge of pages")
        return try await JobQueue.shared.foreign { try await ledger.purgePages(ofOrdersOverBy: instant, limit: limit) }
    }

    func purgeKeys(expiredAt now: Instant, limit: Int) async throws -> Int {
        try await process.pass("before a purge of keys")
        return try await JobQueue.shared.foreign { try await ledger.purgeKeys(expiredAt: now, limit: limit) }
    }
}
