import PayCore
import PayFlow

/// The stored bills by the real ledger, with a gate before and behind each operation.
struct GatedBills: BillStore {
    let process: ServiceProcess
    let ledger: any Store

    func billProgress(of channel: Channel, since day: BillDay) async throws -> [BillDay: BillProgress] {
        try await gated { try await ledger.billProgress(of: channel, since: day) }
    }

    func firstBillDay(of channel: Channel) async throws -> BillDay? {
        try await gated { try await ledger.firstBillDay(of: channel) }
    }

    func claimBill(
        of channel: Channel, _ day: BillDay, by worker: WorkerID, until end: Instant, at now: Instant,
        audit: AuditNote?
    ) async throws -> BillClaim? {
        try await gated { try await ledger.claimBill(of: channel, day, by: worker, until: end, at: now, audit: audit) }
    }

    func stage(_ rows: [BillRow], under claim: BillClaim, until end: Instant) async throws {
        try await gated { try await ledger.stage(rows, under: claim, until: end) }
    }

    func load(_ file: BillFile, under claim: BillClaim, at now: Instant) async throws -> BillLoading {
        try await gated { try await ledger.load(file, under: claim, at: now) }
    }

    func loadNone(under claim: BillClaim, isBelieved: Bool, at now: Instant) async throws -> MissingBill {
        try await gated { try await ledger.loadNone(under: claim, isBelieved: isBelieved, at: now) }
    }

    func giveUp(_ claim: BillClaim, answer: String, at now: Instant) async throws {
        try await gated { try await ledger.giveUp(claim, answer: answer, at: now) }
    }

    func deleteStaleRows(of channel: Channel, limit: Int) async throws -> Bool {
        try await gated { try await ledger.deleteStaleRows(of: channel, limit: limit) }
    }

    func uncomparedBills(of channel: Channel) async throws -> [UncomparedBill] {
        try await gated { try await ledger.uncomparedBills(of: channel) }
    }

    func compareLines(
        of channel: Channel, behind place: LinePlace?, limit: Int, foreign: ForeignLines, at now: Instant
    ) async throws -> ComparedLines {
        try await gated {
            try await ledger.compareLines(of: channel, behind: place, limit: limit, foreign: foreign, at: now)
        }
    }

    func compareLines(
        _ lines: [LinePlace], of channel: Channel, after progress: QuestionProgress, foreign: ForeignLines,
        at now: Instant
    ) async throws -> [OpenedDifference] {
        try await gated {
            try await ledger.compareLines(lines, of: channel, after: progress, foreign: foreign, at: now)
        }
    }

    func compareBooked(
        _ booked: BookedKind, of channel: Channel, on day: BillDay, behind place: BookedPlace?, limit: Int,
        at now: Instant
    ) async throws -> ComparedBooked {
        try await gated {
            try await ledger.compareBooked(booked, of: channel, on: day, behind: place, limit: limit, at: now)
        }
    }

    func finishComparing(_ bill: UncomparedBill, at now: Instant) async throws {
        try await gated { try await ledger.finishComparing(bill, at: now) }
    }

    func lastBillDay(of channel: Channel) async throws -> BillDay? {
        try await gated { try await ledger.lastBillDay(of: channel) }
    }

    func openDifferences(of channel: Channel) async throws -> [DifferenceKind: Int] {
        try await gated { try await ledger.openDifferences(of: channel) }
    }

    private func gated<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
        try await process.pass("before an operation on bills")
        let value = try await JobQueue.shared.foreign(operation)
        try await process.pass("behind an operation on bills")
        return value
    }
}
