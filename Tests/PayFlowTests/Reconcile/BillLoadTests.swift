import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

/// The fetch of bills: crashes, claims, schedules and large files.
struct BillLoadTests {
    // MARK: Bills that are not there

    @Test func `a bill that is not there changes nothing and judges nothing`() async throws {
        let answers: [(BillAnswer, FetchedBill)] = [
            (.notReady(reason: "STATEMENT_CREATING"), .notReady(reason: "STATEMENT_CREATING")),
            (.refused(reason: "NO_AUTH"), .refused(reason: "NO_AUTH")),
            (.unknown(.unanswered), .unknown(reason: "timeout")),
        ]
        try await withPaidBooks { books in
            books.bills.set(tomorrow, [])
            for (answer, fetched) in answers {
                books.bills.answer(today, answer)
                #expect(try await books.load(today) == fetched)
                #expect(try await books.bill().state == .wanted)
            }
            try await books.load(tomorrow)
            #expect(try await books.differences() == [])
        }
    }

    @Test func `a missing bill is not an empty bill`() async throws {
        try await withPaidBooks { books in
            books.bills.answer(today, .noneThatDay)
            guard case .notReady = try await books.load(today) else { Issue.record("believed"); return }
            #expect(try await books.bill().state == .wanted)
            // Two days later the provider still says so.
            books.bills.set(tomorrow, [])
            try await books.load(tomorrow)
            #expect(try await books.open() == [])
            books.world.move(to: schedule.firstTry(of: today) + .seconds(2 * 86_400))
            #expect(try await books.load(today) == .none)
            #expect(try await books.open() == [.missingThere])
        }
    }

    @Test func `a day without money needs no bill`() async throws {
        try await withBooks { books in
            books.bills.answer(today, .noneThatDay)
            let fetched = try await books.load(today)
            #expect(fetched == .none)
            #expect(try await books.bill().state == .none)
        }
    }

    @Test func `a loaded bill stays when the provider has none later`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine()])
            try await books.load(today)
            books.bills.answer(today, .noneThatDay)
            #expect(try await books.load(today) == .unchanged)
            let none = Observation.reconciliation(.noBill(sandbox, today))
            #expect(!books.process.observer.observations.contains(none))
            let bill = try await books.bill()
            #expect(bill.state == .loaded && bill.figures[.matched] == 1 && bill.lastAnswer == "no bill now")
        }
    }

    @Test func `the bill of a day that is not over is not fetched`() async throws {
        try await withBooks { books in
            let fetched = try await books.reconcile.fetch(sandbox, today)
            #expect(fetched == .dayNotOver)
            #expect(try await books.reconcile.fetch(wechat, today.previous) == .noSource)
            #expect(books.bills.fetches == [])
        }
    }

    // MARK: Loads

    @Test func `the same bill again changes nothing`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine()])
            try await books.load(today)
            let before = try await books.bill()
            books.world.move(to: books.world.clock.now() + .seconds(9))
            #expect(try await books.load(today) == .unchanged)
            let after = try await books.bill()
            #expect(after.loadedAt == before.loadedAt && after.figures == before.figures)
        }
    }

    @Test func `a bill that the provider issues again is compared again`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine(1, amount: 1), paymentLine(2, "tx-2", of: "OTHER")])
            try await books.load(today)
            #expect(try await books.open() == [.amount])
            books.bills.set(today, [paymentLine(7)], digest: "again")
            #expect(try await books.load(today) == .loaded)
            #expect(try await books.open() == [])
            let bill = try await books.bill()
            #expect(bill.figures.rows == 1 && bill.figures[.matched] == 1 && bill.digest == "again")
        }
    }

    @Test func `a row that the provider withdraws closes its difference`() async throws {
        try await withBooks { books in
            books.bills.set(today, [paymentLine(1, "f-1", of: "lost_order_1")])
            books.bills.set(tomorrow, [])
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.open() == [.missingHere])
            books.bills.set(today, [], digest: "again")
            try await books.load(today)
            #expect(try await books.differences().map(\.ending) == [.withdrawn])
        }
    }

    @Test func `a fetch that broke leaves no row that counts`() async throws {
        try await withPaidBooks { books in
            books.world.move(to: today.end)
            books.bills.breaks(today, after: [paymentLine(1, "tx-8"), paymentLine(2, "tx-9")])
            await #expect(throws: ScriptedBills.Broken.self) { try await books.reconcile.fetch(sandbox, today) }
            try await books.reconcile.compare(sandbox)
            #expect(try await books.bill().state == .wanted)
            #expect(try await books.differences() == [])
            // The next fetch does not wait for the claim of the broken one.
            books.bills.set(today, [paymentLine()])
            #expect(try await books.load(today) == .loaded)
            #expect(try await books.bill().figures[.matched] == 1)
        }
    }

    @Test func `a bill with fewer rows than it says is not loaded`() async throws {
        struct Liar: BillSource {
            func bill(of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void) async throws -> BillAnswer {
                try await take([paymentLine()])
                return .bill(BillFile(digest: "d", rows: 2))
            }
        }
        try await withPaidBooks { books in
            books.world.move(to: today.end)
            books.world.sandbox.has(Liar())
            await #expect(throws: (any Error).self) { try await books.reconcile.fetch(sandbox, today) }
            let bill = try await books.bill()
            #expect(bill.state == .wanted)
        }
    }

    // MARK: Two processes

    @Test func `one process at a time fetches a bill`() async throws {
        try await withPaidBooks { books in
            let other = try await books.another("worker-b")
            books.world.move(to: today.end)
            books.bills.set(today, [paymentLine()])
            let result = Mutex<FetchedBill?>(nil)
            books.bills.during {
                let fetched = try await other.fetch(sandbox, today)
                result.withLock { $0 = fetched }
            }
            #expect(try await books.reconcile.fetch(sandbox, today) == .loaded)
            #expect(result.withLock { $0 } == .inProgress)
        }
    }

    @Test func `a process whose claim ran out loads nothing`() async throws {
        try await withPaidBooks { books in
            let other = try await books.another("worker-b")
            books.world.move(to: today.end)
            books.bills.set(today, [paymentLine(1, amount: 1)], digest: "old")
            let (bills, clock) = (books.bills, books.world.clock)
            books.bills.during {
                clock.advance(by: Reconcile.claimLength)
                bills.set(today, [paymentLine()], digest: "new")
                let fetched = try await other.fetch(sandbox, today)
                #expect(fetched == .loaded)
            }
            #expect(try await books.reconcile.fetch(sandbox, today) == .inProgress)
            try await books.reconcile.compare(sandbox)
            #expect(try await books.bill().digest == "new")
            #expect(try await books.open() == [])
            #expect(books.process.observer.observations.contains(.reconciliation(.billTakenOver(sandbox, today))))
        }
    }

    // MARK: The job

    @Test func `the job fetches the bill at its time, retries hourly, and looks once more`() async throws {
        try await withPaidBooks { books in
            let job = ReconcileJob(books.reconcile)
            let firstTry = schedule.firstTry(of: today)
            func run(at instant: Instant) async throws -> ReconcileJob.Report {
                books.world.move(to: instant)
                return try await job.runOnce(at: instant)
            }
            #expect(try await run(at: firstTry - .seconds(1)).isEmpty)
            #expect(books.bills.fetches == [])
            #expect(try await run(at: firstTry).notLoaded == 1)
            #expect(try await run(at: firstTry + .seconds(3_599)).notLoaded == 0)
            books.bills.set(today, [paymentLine()])
            #expect(try await run(at: firstTry + .seconds(3_600)).loaded == 1)
            #expect(try await run(at: firstTry + .seconds(7_200)).loaded == 0)
            books.bills.set(tomorrow, [])
            books.bills.set(tomorrow.next, [])
            _ = try await run(at: firstTry + .seconds(86_400))
            books.bills.set(today, [paymentLine(1), .other(row: 2, type: "fee")], digest: "corrected")
            _ = try await run(at: firstTry + .seconds(2 * 86_400))
            #expect(try await books.bill().digest == "corrected")
            #expect(try await books.open() == [])
            let ages = books.process.observer.observations.compactMap { observation -> Duration? in
                if case .reconciliation(.age(sandbox, let age)) = observation { age } else { nil }
            }
            #expect(ages.last == .seconds(10 * 3_600 + 30 * 60))
        }
    }

    @Test func `the first bill is fetched although it comes a day late`() async throws {
        try await withPaidBooks { books in
            let job = ReconcileJob(books.reconcile)
            let late = schedule.firstTry(of: today) + .seconds(86_400)
            func run(at instant: Instant) async throws -> ReconcileJob.Report {
                books.world.move(to: instant)
                return try await job.runOnce(at: instant)
            }
            let early = try await run(at: schedule.firstTry(of: today))
            #expect(early.notLoaded == 1)
            #expect(try await run(at: late - .seconds(1)).notLoaded == 1)
            books.bills.set(today, [paymentLine()])
            books.bills.set(tomorrow, [])
            #expect(try await run(at: late + .seconds(3_600)).loaded == 2)
            #expect(try await books.bill().figures[.matched] == 1)
        }
    }

    @Test func `the job compares waiting lines again every hour`() async throws {
        try await withBooks { books in
            let job = ReconcileJob(books.reconcile)
            let firstTry = schedule.firstTry(of: today)
            books.bills.set(today, [paymentLine()])
            books.world.sandbox.willQuery(.unpaid)
            books.world.move(to: firstTry)
            _ = try await job.runOnce(at: firstTry)
            await books.world.notify(receipt(), books.process)
            _ = try await job.runOnce(at: firstTry + .seconds(3_599))
            #expect(try await books.bill().figures[.waiting] == 1)
            _ = try await job.runOnce(at: firstTry + .seconds(3_600))
            #expect(try await books.bill().figures[.matched] == 1)
        }
    }

    // MARK: Size

    @Test func `a bill of a million rows is staged in small batches`() async throws {
        /// Hands over a million rows without holding them.
        struct Large: BillSource {
            func bill(of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void) async throws -> BillAnswer {
                for start in stride(from: 1, through: 1_000_000, by: 4_000) {
                    try await take((start..<start + 4_000).map { .other(row: $0, type: "fee") })
                }
                return .bill(BillFile(digest: "d", rows: 1_000_000))
            }
        }
        try await withBooks { books in
            books.world.sandbox.has(Large())
            books.world.move(to: today.end)
            let store = CountingStore(books.store)
            let reconcile = Reconcile(books.process.flows, store: store, schedule: schedule, foreign: .report)
            let last = Mutex(0)
            let fetched = try await reconcile.fetch(sandbox, today) { row in last.withLock { $0 = row } }
            #expect(fetched == .loaded)
            #expect(last.withLock { $0 } == 1_000_000)
            let counts = store.counts
            #expect(counts.rows == 1_000_000 && counts.largest == Reconcile.batch && counts.batches == 2_000)
        }
    }

    @Test func `ten thousand rows are compared in batches, and every row has a standing`() async throws {
        try await withPaidBooks { books in
            let rows = (1...10_000).map { row in
                row == 5_000 ? paymentLine(row) : paymentLine(row, "f-\(row)", of: "OTHER\(row)")
            }
            books.bills.set(today, rows)
            try await books.load(today)
            let figures = try await books.bill().figures
            #expect(figures.rows == 10_000 && figures[.matched] == 1 && figures[.foreign] == 9_999)
        }
    }
}
