import Testing

@testable import PayCore

/// The rules about days, schedules and states of the reconciliation.
struct BookRuleTests {
    private let day = BillDay("2026-11-22")!
    private let schedule = BillSchedule(at: .seconds(10 * 3_600 + 30 * 60))

    private func paid(at instant: Instant, ours: Bool = true) -> RecordedReceipt {
        RecordedReceipt(
            receipt: Receipt(
                channel: sandbox, tradeNumber: first, transactionID: TransactionID("tx-1")!, amount: 1,
                currencyCode: "CNY", paidAt: instant, namesOurAccount: ours),
            standing: .honest, recordedAt: instant)
    }

    // MARK: Booked money

    @Test func `a payment needs the bills of its day and of the next day`() {
        let bills = paid(at: day.start + .seconds(3_600)).expectedBills
        #expect(bills?.first == day && bills?.last == day.next && bills?.count == 2)
        let late = paid(at: day.end - millisecond).expectedBills
        #expect(late?.first == day && late?.last == day.next)
    }

    @Test func `a payment shortly after midnight needs the bill of the day before too`() {
        for seconds in [0, 3_599] {
            let bills = paid(at: day.start + .seconds(seconds)).expectedBills
            #expect(bills?.first == day.previous && bills?.last == day.next && bills?.count == 3)
        }
    }

    @Test func `a payment to another account is in no bill of ours`() {
        #expect(paid(at: noon, ours: false).expectedBills == nil)
    }

    @Test func `a refund needs the bills from its request to the day after its end`() {
        let refund = Refund(
            number: "\(first)_r1", tradeNumber: first, transactionID: TransactionID("tx-1")!, money: yuan, cause: .late,
            state: .succeeded, createdAt: day.start + .seconds(7_200), askAt: nil)
        let bills = refund.expectedBills(succeededAt: day.next.next.start + .seconds(7_200))
        #expect(bills.first == day && bills.last == day.next.next.next && bills.count == 4)
        // The clock was set back between.
        #expect(refund.expectedBills(succeededAt: day.start).first == day.previous)
    }

    @Test func `a finding about booked money names its side alone`() {
        let finding = paid(at: day.start).missingThere
        #expect(finding.kind == .missingThere && finding.day == day && finding.there == nil)
        #expect(finding.here?.status == "honest" && finding.subject == .payment("tx-1"))
    }

    // MARK: Schedule

    @Test func `a bill is fetched at its time on the next day, and not before`() {
        let time = day.end + .seconds(10 * 3_600 + 30 * 60)
        #expect(schedule.firstTry(of: day) == time)
        #expect(!schedule.isDue(day, after: .untried, at: time - millisecond))
        #expect(schedule.isDue(day, after: .untried, at: time))
    }

    @Test func `a bill that is not loaded is fetched hourly, and daily after three days`() {
        let time = schedule.firstTry(of: day)
        let tried = BillProgress(triedAt: time, isLoaded: false, wasAnswered: false)
        #expect(!schedule.isDue(day, after: tried, at: time + .seconds(3_599)))
        #expect(schedule.isDue(day, after: tried, at: time + .seconds(3_600)))
        let later = time + .seconds(3 * 86_400)
        let triedLater = BillProgress(triedAt: later, isLoaded: false, wasAnswered: false)
        #expect(!schedule.isDue(day, after: triedLater, at: later + .seconds(86_399)))
        #expect(schedule.isDue(day, after: triedLater, at: later + .seconds(86_400)))
    }

    @Test func `a loaded bill is fetched once more after two days`() {
        let second = schedule.firstTry(of: day) + .seconds(2 * 86_400)
        let loaded = BillProgress(triedAt: schedule.firstTry(of: day), isLoaded: true, wasAnswered: true)
        #expect(!schedule.isDue(day, after: loaded, at: second - millisecond))
        #expect(schedule.isDue(day, after: loaded, at: second))
        let again = BillProgress(triedAt: second, isLoaded: true, wasAnswered: true)
        #expect(!schedule.isDue(day, after: again, at: second + .seconds(30 * 86_400)))
    }

    @Test func `a second look that failed is repeated until the provider has answered`() {
        let second = schedule.firstTry(of: day) + .seconds(2 * 86_400)
        let failed = BillProgress(triedAt: second, isLoaded: true, wasAnswered: false)
        #expect(!schedule.isDue(day, after: failed, at: second + .seconds(3_599)))
        #expect(schedule.isDue(day, after: failed, at: second + .seconds(3_600)))
        let first = BillProgress(triedAt: second - .seconds(86_400), isLoaded: true, wasAnswered: false)
        #expect(!schedule.isDue(day, after: first, at: second - millisecond))
    }

    @Test func `a try in the future does not stop the schedule`() {
        let time = schedule.firstTry(of: day)
        for isLoaded in [true, false] {
            let tried = BillProgress(triedAt: time + .seconds(900_000), isLoaded: isLoaded, wasAnswered: isLoaded)
            #expect(schedule.isDue(day, after: tried, at: time))
        }
    }

    @Test func `the days to fetch go from the first bill to yesterday`() {
        let now = day.start + .seconds(100)
        #expect(schedule.days(since: nil, at: now) == [day.previous])
        #expect(schedule.days(since: day.previous.previous, at: now) == [day.previous.previous, day.previous])
        #expect(schedule.days(since: day.next, at: now) == [])
        let old = BillDay("2025-01-01")!
        #expect(schedule.days(since: old, at: now).count == 30)
        #expect(schedule.days(since: old, at: now).last == day.previous)
    }

    @Test func `a missing bill is believed only two days later if the books have money of the day`() {
        let second = schedule.firstTry(of: day) + .seconds(2 * 86_400)
        #expect(!schedule.believesNone(of: day, at: second - millisecond))
        #expect(schedule.believesNone(of: day, at: second))
    }

    // MARK: States and rows

    @Test func `a difference closes once`() {
        let moves = DifferenceState.allCases.map { old in
            DifferenceState.allCases.filter { old.mayBecome($0) }
        }
        #expect(moves == [[.explained, .closed], [.explained, .closed], []])
    }

    @Test func `a line with values that no bill has is unreadable, and is not dropped`() {
        func row(trade: String = "order_1", amount: Int64 = 1, currency: String = "CNY") -> BillRow {
            .line(
                BillLine(
                    row: 7, kind: .payment, status: .succeeded, tradeNumber: trade, transactionID: nil,
                    amount: amount, currencyCode: currency, feeMicros: nil, at: noon))
        }
        #expect(row().storable == row())
        for odd in [
            row(trade: String(repeating: "x", count: 256)), row(amount: 0), row(amount: -1),
            row(amount: Money.largestAmount + 1), row(currency: ""), row(currency: String(repeating: "x", count: 17)),
        ] {
            guard case .unreadable(7, _) = odd.storable else { Issue.record("\(odd)"); continue }
        }
        let other = BillRow.other(row: 1, type: "payout")
        #expect(other.storable == other)
    }
}
