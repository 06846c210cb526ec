import PayCore
import PayFlow
import Synchronization

/// A store that counts staged rows instead of keeping them.
final class CountingStore: BillStore {
    struct Counts {
        var rows = 0
        var batches = 0
        var largest = 0
    }

    private let store: any Store
    private let counted = Mutex(Counts())

    var counts: Counts { counted.withLock { $0 } }

    init(_ store: any Store) {
        self.store = store
    }

    func stage(_ rows: [BillRow], under claim: BillClaim, until end: Instant) async throws {
        counted.withLock { counts in
            counts.rows += rows.count
            counts.batches += 1
            counts.largest = max(counts.largest, rows.count)
        }
    }

    func load(_ file: BillFile, under claim: BillClaim, at now: Instant) async throws -> BillLoading { .loaded }

    func billProgress(of channel: Channel, since day: BillDay) async throws -> [BillDay: BillProgress] {
        try await store.billProgress(of: channel, since: day)
    }

    func firstBillDay(of channel: Channel) async throws -> BillDay? { try await store.firstBillDay(of: channel) }

    func lastBillDay(of channel: Channel) async throws -> BillDay? { try await store.lastBillDay(of: channel) }

    func claimBill(
        of channel: Channel, _ day: BillDay, by worker: WorkerID, until end: Instant, at now: Instant,
        audit: AuditNote?
    ) async throws -> BillClaim? {
        try await store.claimBill(of: channel, day, by: worker, until: end, at: now, audit: audit)
    }

    func loadNone(under claim: BillClaim, isBelieved: Bool, at now: Instant) async throws -> MissingBill {
        try await store.loadNone(under: claim, isBelieved: isBelieved, at: now)
    }

    func giveUp(_ claim: BillClaim, answer: String, at now: Instant) async throws {
        try await store.giveUp(claim, answer: answer, at: now)
    }

    func deleteStaleRows(of channel: Channel, limit: Int) async throws -> Bool {
        try await store.deleteStaleRows(of: channel, limit: limit)
    }

    func uncomparedBills(of channel: Channel) async throws -> [UncomparedBill] {
        try await store.uncomparedBills(of: channel)
    }

    func compareLines(
        of channel: Channel, behind place: LinePlace?, limit: Int, foreign: ForeignLines, at now: Instant
    ) async throws -> ComparedLines {
        try await store.compareLines(of: channel, behind: place, limit: limit, foreign: foreign, at: now)
    }

    func compareLines(
        _ lines: [LinePlace], of channel: Channel, after progress: QuestionProgress, foreign: ForeignLines,
        at now: Instant
    ) async throws -> [OpenedDifference] {
        try await store.compareLines(lines, of: channel, after: progress, foreign: foreign, at: now)
    }

    func compareBooked(
        _ booked: BookedKind, of channel: Channel, on day: BillDay, behind place: BookedPlace?, limit: Int,
        at now: Instant
    ) async throws -> ComparedBooked {
        try await store.compareBooked(booked, of: channel, on: day, behind: place, limit: limit, at: now)
    }

    func finishComparing(_ bill: UncomparedBill, at now: Instant) async throws {
        try await store.finishComparing(bill, at: now)
    }

    func openDifferences(of channel: Channel) async throws -> [DifferenceKind: Int] {
        try await store.openDifferences(of: channel)
    }
}
