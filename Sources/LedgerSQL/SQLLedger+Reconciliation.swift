package import PayCore
package import PayFlow

extension SQLLedger {
    package func billProgress(
        of channel: Channel, since day: BillDay
    ) async throws -> [BillDay: BillProgress] {
        try await read { try BillRows.progress(of: channel, since: day, $0) }
    }

    package func firstBillDay(of channel: Channel) async throws -> BillDay? {
        try await read { try BillRows.firstDay(of: channel, $0) }
    }

    package func lastBillDay(of channel: Channel) async throws -> BillDay? {
        try await read { try BillRows.lastLoadedDay(of: channel, $0) }
    }

    package func claimBill(
        of channel: Channel, _ day: BillDay, by worker: WorkerID, until end: Instant, at now: Instant,
        audit: AuditNote?
    ) async throws -> BillClaim? {
        try await write(.work(.reconciliation)) { db in
            let claim = try BillRows.claim(channel, day, by: worker, until: end, at: now, db)
            if claim != nil, let audit { try AuditRows.append(audit, at: now, db) }
            return claim
        }
    }

    package func stage(_ rows: [BillRow], under claim: BillClaim, until end: Instant) async throws {
        try await write(.longWork(.reconciliation)) { db in
            try BillRows.renew(claim, until: end, db)
            for row in rows { try BillLineRows.insert(row, under: claim, db) }
        }
    }

    package func load(_ file: BillFile, under claim: BillClaim, at now: Instant) async throws -> BillLoading {
        try await write(.longWork(.reconciliation)) { db in
            // A later claim has deleted the rows of this one.
            try BillRows.renew(claim, until: now, db)
            let known = try BillRows.state(of: claim.bill, db)
            if known?.state == .loaded, known?.digest == file.digest {
                guard try BillRows.release(claim, answer: "unchanged", at: now, db) else { throw BillClaimLost(claim) }
                return .unchanged
            }
            let staged = try BillLineRows.count(of: claim.bill, load: claim.number, db)
            guard staged == file.rows else { throw StagedRowsDiffer(claim: claim, staged: staged, rows: file.rows) }
            try BillRows.finish(claim, with: file, at: now, db)
            return .loaded
        }
    }

    package func loadNone(under claim: BillClaim, isBelieved: Bool, at now: Instant) async throws -> MissingBill {
        try await write(.work(.reconciliation)) { db in
            if try BillRows.state(of: claim.bill, db)?.state == .loaded {
                // The loaded bill stays: a missing bill is not an empty bill.
                guard try BillRows.release(claim, answer: "no bill now", at: now, db) else {
                    throw BillClaimLost(claim)
                }
                return .loadedBefore
            }
            let books = CompareBookedStatements(channel: claim.channel, day: claim.day, now: now, db: db)
            if try !isBelieved && books.hasMissing() {
                let answer = "no bill, although the books have money of the day"
                guard try BillRows.release(claim, answer: answer, at: now, db) else { throw BillClaimLost(claim) }
                return .notBelieved
            }
            try BillRows.finishWithoutBill(claim, at: now, db)
            return .stored
        }
    }

    package func giveUp(_ claim: BillClaim, answer: String, at now: Instant) async throws {
        _ = try await write(.work(.reconciliation)) { try BillRows.release(claim, answer: answer, at: now, $0) }
    }

    package func deleteStaleRows(of channel: Channel, limit: Int) async throws -> Bool {
        try await write(.longWork(.reconciliation)) { try BillLineRows.deleteStale(of: channel, limit: limit, $0) }
            == limit
    }

    package func uncomparedBills(of channel: Channel) async throws -> [UncomparedBill] {
        try await read { try BillRows.uncompared(of: channel, $0) }
    }

    package func compareLines(
        of channel: Channel, behind place: LinePlace?, limit: Int, foreign: ForeignLines, at now: Instant
    ) async throws -> ComparedLines {
        try await write(.longWork(.reconciliation)) { db in
            var comparison = CompareLineStatements(channel: channel, foreign: foreign, now: now, db: db)
            return try comparison.compare(behind: place, limit: limit)
        }
    }

    package func compareLines(
        _ lines: [LinePlace], of channel: Channel, after progress: QuestionProgress, foreign: ForeignLines,
        at now: Instant
    ) async throws -> [OpenedDifference] {
        try await write(.longWork(.reconciliation)) { db in
            var comparison = CompareLineStatements(channel: channel, foreign: foreign, now: now, db: db)
            return try comparison.compare(lines, after: progress)
        }
    }

    package func compareBooked(
        _ booked: BookedKind, of channel: Channel, on day: BillDay, behind place: BookedPlace?, limit: Int,
        at now: Instant
    ) async throws -> ComparedBooked {
        try await write(.longWork(.reconciliation)) { db in
            try CompareBookedStatements(channel: channel, day: day, now: now, db: db)
                .compare(booked, behind: place, limit: limit)
        }
    }

    package func finishComparing(_ bill: UncomparedBill, at now: Instant) async throws {
        try await write(.work(.reconciliation)) { db in
            guard try BillRows.markCompared(bill, at: now, db) else { return }
            try DifferenceRows.closeWithdrawn(of: bill, at: now, db)
        }
    }

    package func openDifferences(of channel: Channel) async throws -> [DifferenceKind: Int] {
        try await read { try ReconciliationLists.open(of: channel, $0) }
    }
}

extension SQLLedger {
    package func bills(_ listing: BillListing) async throws -> BillList {
        try await read { try ReconciliationLists.bills(listing, $0) }
    }

    package func differences(_ listing: DifferenceListing) async throws -> DifferenceList {
        try await read { try ReconciliationLists.differences(listing, $0) }
    }

    package func difference(_ id: DifferenceID) async throws -> RecordedDifference? {
        try await read { try DifferenceRows.load(id, $0) }
    }

    package func decide(
        _ decision: DifferenceDecision, by actor: Actor, at now: Instant
    ) async throws -> DecidedDifference? {
        try await write(.work(.reconciliation)) { try ReconciliationLists.decide(decision, by: actor, at: now, $0) }
    }
}

/// A source of bills handed over other rows than it says. Nothing is loaded.
struct StagedRowsDiffer: Error, CustomStringConvertible {
    let claim: BillClaim
    let staged: Int
    let rows: Int

    var description: String {
        "the bill of \(claim.channel) of \(claim.day) has \(rows) rows, and \(staged) were read"
    }
}
