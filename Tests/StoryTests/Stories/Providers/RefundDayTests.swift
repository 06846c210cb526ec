import LedgerSQL
import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import SQLiteStore
import Testing

/// A day at each provider: a payment, refunds, a crash, and the bill of the day.
@Suite(.timeLimit(.minutes(2))) struct RefundDayTests {
    private static let trade = "\(HandMovedPlay.order)_1"
    private static let day = BillDay("2026-11-22")!

    private func pay(on name: PlayedName, _ play: HandMovedPlay) async throws {
        let page = try await play.firstPay(on: name, life: .seconds(1_800))
        try await play.open(page, on: name)
        _ = try await play.players[name].pay(Self.trade)
        #expect(try await play.tell(Self.trade, on: name))
    }

    private func refund(_ number: String, _ amount: Int64?, _ play: HandMovedPlay) async throws {
        let key = KeyUse(
            key: ScopedKey(scope: "merchant POST refunds", key: IdempotencyKey(number)!), fingerprint: number)
        let wish = RefundWish(number: RefundNumber(number), amount: amount, reason: nil, refundable: nil)
        guard
            case .stored(_, of: _, isNews: true, isReplay: false) = try await RequestRefund(play.flows)(
                wish, of: HandMovedPlay.order, under: key)
        else { throw FakeProblem("\(number) was not stored") }
    }

    /// Lets the clock jobs and the provider work until every refund is over. A provider may take a minute between two.
    private func finishRefunds(on name: PlayedName, _ play: HandMovedPlay) async throws {
        for _ in 1...20 {
            play.clock.advance(by: .seconds(61))
            try await play.runClockwork()
            for refund in await play.players[name].trade(Self.trade)?.refunds ?? [] where !refund.isDone {
                try await play.players[name].finishRefund(refund.number)
            }
            if try await play.stored().refunds.allSatisfy({ $0.state == .succeeded }) { return }
        }
        Issue.record("refunds are \(try await play.stored().refunds.map(\.state))")
    }

    /// Loads and compares the bill of a day, and returns the differences that are open then.
    private func reconcile(
        _ day: BillDay, on name: PlayedName, _ play: HandMovedPlay
    ) async throws -> [RecordedDifference] {
        let channel = try #require(Channel(name.rawValue))
        let schedule = BillSchedule(at: .seconds(10 * 3_600 + 30 * 60))
        let reconcile = Reconcile(play.flows, store: play.ledger, schedule: schedule, foreign: .report)
        let fetched = try await reconcile.fetch(channel, day)
        #expect(fetched.isLoaded, "\(fetched)")
        try await reconcile.compare(channel)
        return try await play.ledger.differences(DifferenceListing(limit: 100)).differences
    }

    @Test(arguments: PlayedName.allCases)
    func `two partial refunds and a crash agree with the bill of the day`(_ name: PlayedName) async throws {
        try await HandMovedPlay.run { play in
            // Given
            try await pay(on: name, play)

            // When the process dies while the provider makes the first refund.
            play.players[name].arm(.lost, on: .refund)
            try await refund("R1", 6_000, play)
            let dying = Task { try? await SubmitRefunds(play.flows).runOnce(at: play.clock.now()) }
            try await poll("the provider was asked") { play.players[name].calls(.refund) >= 1 ? () : nil }
            let next = try play.restarted()
            try await finishRefunds(on: name, next)
            try await refund("R2", nil, next)
            try await finishRefunds(on: name, next)

            // Then
            let stored = try await next.stored()
            #expect(stored.refunded == 9_900 && stored.refundable == 0)
            #expect(await next.players[name].trade(Self.trade)?.refunds.map(\.amount) == [6_000, 3_900])

            // When the day is over, its bill agrees.
            next.move(to: .seconds(17 * 3_600))
            #expect(try await reconcile(Self.day, on: name, next) == [])
            let bill = try #require(try await next.ledger.bills(BillListing(limit: 1)).bills.first)
            #expect(bill.figures[.matched] == 3 && bill.figures[.waiting] == 0 && bill.figures[.unreadable] == 0)

            // The bill of the next day changes nothing.
            next.move(to: .seconds(41 * 3_600))
            #expect(try await reconcile(Self.day.next, on: name, next) == [])
            try next.ledger.close()
            dying.cancel()
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `a payment that no notice and no query told of is found by the bill`(_ name: PlayedName) async throws {
        try await HandMovedPlay.run { play in
            // Given: the buyer pays, the notice is lost, and no clock job runs.
            let page = try await play.firstPay(on: name, life: .seconds(1_800))
            try await play.open(page, on: name)
            _ = try await play.players[name].pay(Self.trade)
            #expect(try await play.stored().receipts.isEmpty)

            // When
            play.move(to: .seconds(17 * 3_600))
            let differences = try await reconcile(Self.day, on: name, play)

            // Then
            #expect(differences == [])
            #expect(try await play.stored().receipts.map(\.standing) == [.honest])
            #expect(try await play.stored().state.name == .paid)
        }
    }
}
