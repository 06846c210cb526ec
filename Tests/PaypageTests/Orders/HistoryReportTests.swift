import PayCore
import PayFlow
import Testing

@testable import paypage

@Suite struct HistoryReportTests {
    /// 2026-11-22T23:59:58.004Z.
    private let start = Instant(milliseconds: 1_795_391_998_004)
    private let number = OrderNumber("20261122_0001")!

    private func text(_ entries: [(Int, HistoryEntry.What)]) -> [String] {
        HistoryReport(entries.map { HistoryEntry(at: start + .milliseconds($0.0), $0.1) }, of: number).text
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func trade(_ sequence: Int) -> TradeNumber { TradeNumber(order: number, sequence: sequence) }

    private func money(_ transaction: String, _ currency: String = "CNY") -> HistoryEntry.What {
        let receipt = Receipt(
            channel: Channel("sandbox2")!, tradeNumber: trade(2), transactionID: TransactionID(transaction)!,
            amount: 9_900, currencyCode: currency, paidAt: start, namesOurAccount: true)
        return .money(RecordedReceipt(receipt: receipt, standing: .duplicate, recordedAt: start))
    }

    private func told(_ state: DeliveryState, tries: Int) -> HistoryEntry.What {
        .told(
            DeliveryRecord(
                id: DeliveryID(17)!, event: EventID(17)!, order: number, kind: .paymentDuplicate, occurredAt: start,
                state: state,
                tries: tries, nextAt: start, deliveredAt: state == .delivered ? start : nil, lastAnswer: nil))
    }

    @Test func `a history has one line per entry, by day and time of day`() {
        let sandbox = Channel("sandbox")!
        let refund = "20261122_0001_2_r2"
        let lines = text([
            (0, .changed(.made)), (0, .noted(.asked(sandbox, .pc))),
            (2, .changed(.attemptBegan(trade(1), sandbox, .pc))),
            (310, .noted(.called(.create, trade(1), answer: "made"))),
            (312, .changed(.attemptMoved(trade(1), from: .creating, to: .open))),
            (312, .changed(.pageMinted(trade(1), .qr, .pc, expiresAt: start + .seconds(1_800)))),
            (400, .changed(.takenOver(Fence(3)))), (1_996, .changed(.pageEnded(trade(1), .pc))),
            (2_000, .noted(.closeAsked)), (3_000, .notice(sandbox, about: trade(2), .duplicate)),
            (3_001, money("2026X")), (3_001, .changed(.moved(to: .paid))),
            (3_001, .changed(.refundWritten(refund, of: trade(2), .pending))),
            (3_001, told(.pending, tries: 0)),
            (4_000, .changed(.refundMoved(refund, of: trade(2), from: .pending, to: .succeeded))),
            (5_000, .changed(.receiptJudged(TransactionID("2026Y")!, of: trade(1), as: .late))),
        ])
        #expect(
            lines == [
                "history, times in UTC",
                "  2026-11-22",
                "    23:59:58.004  order    made",
                "    23:59:58.004  request  sandbox pc",
                "    23:59:58.006  attempt  _1 began: sandbox pc",
                "    23:59:58.314  called   create _1: made",
                "    23:59:58.316  attempt  _1 creating -> open",
                "    23:59:58.316  page     _1 qr for pc, until 2026-11-23 00:29:58.004",
                "    23:59:58.404  lease    expired, taken over with fence 3",
                "  2026-11-23",
                "    00:00:00.000  page     _1 for pc ended",
                "    00:00:00.004  request  close",
                "    00:00:01.004  notice   sandbox about _2: duplicate",
                "    00:00:01.005  money    9900 CNY by _2, duplicate, transaction 2026X",
                "    00:00:01.005  order    new -> paid",
                "    00:00:01.005  refund   20261122_0001_2_r2 pending",
                "    00:00:01.005  webhook  payment.duplicate (delivery 17): not sent yet",
                "    00:00:02.004  refund   20261122_0001_2_r2 pending -> succeeded",
                "    00:00:03.004  money    _1 disputed -> late, transaction 2026Y",
            ])
    }

    @Test(arguments: [
        (DeliveryState.pending, 2, "not delivered yet, 2 tries"), (.delivered, 1, "delivered, 1 try"),
        (.parked, 30, "parked, 30 tries"),
    ])
    func `a webhook in the history is shown with its progress`(_ state: DeliveryState, _ tries: Int, _ words: String) {
        #expect(text([(0, told(state, tries: tries))]).last?.hasSuffix("(delivery 17): \(words)") == true)
    }

    @Test func `a page that ends on the same day is shown with the time only`() {
        let minted = OrderChange.pageMinted(trade(1), .html, .h5, expiresAt: start + .milliseconds(996))
        #expect(text([(0, .changed(minted))]).last == "    23:59:58.004  page     _1 html for h5, until 23:59:59.000")
    }

    @Test func `text from others in the history can't control the terminal`() {
        let line = text([(0, money("a\u{1B}[2J\nb\u{202E}c", "\u{7}"))]).last ?? ""
        #expect(line.hasSuffix("money    9900   by _2, duplicate, transaction a [2J b c"))
    }

    @Test func `an empty history says that it has no entries`() {
        #expect(text([]) == ["history, times in UTC", "  no entries"])
    }
}
