public import PayCore

/// Fetches the providers' bills and compares them with the books.
///
/// A bill is downloaded and staged in batches, loaded in one commit, and compared in batches. A crash loses nothing: a
/// staged load that did not finish is staged again, and every comparison may be repeated.
public struct Reconcile: Sendable {
    /// Rows in one commit: it blocks other writers for milliseconds.
    public static let batch = 500
    /// Provider queries at a time.
    static let questionsAtATime = 8
    /// The claim of a fetch: longer than a download, which has a limit of its own. A crash delays the next fetch by it.
    public static let claimLength = Duration.seconds(900)

    let parts: FlowParts
    let store: any BillStore
    let schedule: BillSchedule
    let foreign: ForeignLines

    public init(_ flows: Flows, store: any BillStore, schedule: BillSchedule, foreign: ForeignLines) {
        parts = flows.parts
        self.store = store
        self.schedule = schedule
        self.foreign = foreign
    }

    /// The channels that have bills.
    public var channels: [Channel] { parts.providers.channels.filter { parts.providers[$0]?.bills != nil } }

    /// Fetches and loads the bill of one day. `progress` gets the number of rows so far.
    ///
    /// - Parameter actor: the person who ordered the fetch; nil for the clock.
    public func fetch(
        _ channel: Channel, _ day: BillDay, by actor: Actor? = nil,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> FetchedBill {
        guard let bills = parts.providers[channel]?.bills else { return .noSource }
        let now = parts.clock.now()
        guard day.end <= now else { return .dayNotOver }
        let claimed = try await store.claimBill(
            of: channel, day, by: parts.worker, until: now + Self.claimLength, at: now,
            audit: actor.map { AuditNote($0, .reconciliationRun, on: "\(channel) \(day)") })
        guard let claim = claimed else { return .inProgress }
        do {
            return try await load(bills, under: claim, progress)
        } catch let lost as BillClaimLost {
            saw(.billTakenOver(lost.channel, lost.day))
            return .inProgress
        } catch {
            // Without this, the next fetch would wait for the end of the claim.
            try? await store.giveUp(claim, answer: "the fetch was interrupted", at: parts.clock.now())
            throw error
        }
    }

    private func load(
        _ bills: any BillSource, under claim: BillClaim, _ progress: @escaping @Sendable (Int) -> Void
    ) async throws -> FetchedBill {
        let (store, clock) = (store, parts.clock)
        try await deleteStaleRows(of: claim.channel)
        let answer = try await bills.bill(of: claim.day) { rows in
            for start in stride(from: 0, to: rows.count, by: Self.batch) {
                try Task.checkCancellation()
                let batch = rows[start..<min(start + Self.batch, rows.count)].map(\.storable)
                try await store.stage(batch, under: claim, until: clock.now() + Self.claimLength)
                progress(batch.last?.row ?? 0)
            }
        }
        let now = clock.now()
        switch answer {
        case .bill(let file):
            let loading = try await store.load(file, under: claim, at: now)
            saw(.billLoaded(claim.channel, claim.day, rows: file.rows))
            return loading == .loaded ? .loaded : .unchanged
        case .noneThatDay:
            let isBelieved = schedule.believesNone(of: claim.day, at: now)
            switch try await store.loadNone(under: claim, isBelieved: isBelieved, at: now) {
            case .notBelieved:
                return .notReady(reason: told(claim, "the provider has no bill, and the books have money of the day"))
            case .loadedBefore:
                return .unchanged
            case .stored:
                saw(.noBill(claim.channel, claim.day))
                return .none
            }
        case .notReady(let reason):
            try await store.giveUp(claim, answer: "not ready: \(reason)", at: now)
            return .notReady(reason: told(claim, reason))
        case .refused(let reason):
            try await store.giveUp(claim, answer: "refused: \(reason)", at: now)
            return .refused(reason: told(claim, reason))
        case .unknown(let doubt):
            let reason = doubt.reason.error.map { "code:\($0.code)" } ?? doubt.reason.text
            try await store.giveUp(claim, answer: "unknown: \(reason)", at: now)
            return .unknown(reason: told(claim, reason))
        }
    }

    private func told(_ claim: BillClaim, _ reason: String) -> String {
        saw(.billNotLoaded(claim.channel, claim.day, why: reason))
        return reason
    }

    func saw(_ observation: ReconcileObservation) { parts.observer.saw(.reconciliation(observation)) }
}

/// The result of a fetch.
public enum FetchedBill: Hashable, Sendable {
    case loaded
    /// The bill was loaded before.
    case unchanged
    /// The provider has no bill of the day.
    case none
    case notReady(reason: String)
    case refused(reason: String)
    /// The provider's answer is unknown.
    case unknown(reason: String)
    /// Another process fetches the bill.
    case inProgress
    /// The channel has no bills, or is not configured.
    case noSource
    /// The day has not ended in China.
    case dayNotOver

    /// Whether the bill is in the books' hands now.
    public var isLoaded: Bool {
        switch self {
        case .loaded, .unchanged, .none: true
        case .notReady, .refused, .unknown, .inProgress, .noSource, .dayNotOver: false
        }
    }
}
