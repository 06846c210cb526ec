import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

/// The job that reports conditions and counts what waits for a person.
@Suite struct WatchAttentionTests {
    private static let start = HandMovedClock().now()

    private static func at(_ seconds: Int) -> Instant { start + .seconds(seconds) }

    /// A store that remembers the reports that it gets.
    private final class Board: AttentionList, ConditionReports {
        struct Unavailable: Error {}

        private let reported = Mutex<[[ServiceCondition]]>([])
        let isDown = Mutex(false)

        var reports: [[ServiceCondition]] { reported.withLock { $0 } }

        func attention(at now: Instant, limit: Int) async throws -> Attention {
            Attention(items: [], counts: [.dispute: 2, .circuitOpen: reports.last?.count ?? 0])
        }

        func report(_ conditions: [ServiceCondition], of worker: WorkerID, at now: Instant) async throws {
            guard !isDown.withLock({ $0 }) else { throw Unavailable() }
            reported.withLock { $0.append(conditions) }
        }
    }

    /// The job of a process, and the conditions that the test sets.
    private struct Job {
        let board = Board()
        let observer = RecordingObserver()
        let conditions = Conditions()
        let watch: WatchAttention

        final class Conditions: Sendable {
            private let now = Mutex<[ServiceCondition]>([])

            var all: [ServiceCondition] { now.withLock { $0 } }

            func set(_ conditions: [ServiceCondition]) { now.withLock { $0 = conditions } }
        }

        init() {
            let (board, observer, conditions) = (board, observer, conditions)
            watch = WatchAttention(
                list: board, reports: board, observer: observer, worker: WorkerID("a"),
                conditions: { _ in conditions.all })
        }
    }

    private let circuit = ServiceCondition.circuitOpen(sandbox, since: start)

    @Test func `a process without conditions writes nothing`() async throws {
        let job = Job()
        for second in [0, 5, 60, 3_600] { try await job.watch.runOnce(at: Self.at(second)) }
        #expect(job.board.reports == [])
    }

    @Test func `conditions are written when they change, and repeated each minute`() async throws {
        let job = Job()
        job.conditions.set([circuit])
        for second in [0, 5, 59] { try await job.watch.runOnce(at: Self.at(second)) }
        #expect(job.board.reports == [[circuit]])
        try await job.watch.runOnce(at: Self.at(60))
        #expect(job.board.reports == [[circuit], [circuit]])
        job.conditions.set([])
        for second in [65, 70, 500] { try await job.watch.runOnce(at: Self.at(second)) }
        #expect(job.board.reports == [[circuit], [circuit], []], "the end is told once")
    }

    @Test func `a report that failed is written by the next run`() async throws {
        let job = Job()
        job.conditions.set([circuit])
        job.board.isDown.withLock { $0 = true }
        await #expect(throws: Board.Unavailable.self) { try await job.watch.runOnce(at: Self.at(0)) }
        job.board.isDown.withLock { $0 = false }
        try await job.watch.runOnce(at: Self.at(5))
        #expect(job.board.reports == [[circuit]])
    }

    @Test func `conditions are repeated after the clock was set back`() async throws {
        let job = Job()
        job.conditions.set([circuit])
        try await job.watch.runOnce(at: Self.at(3_600))
        try await job.watch.runOnce(at: Self.at(0))
        #expect(job.board.reports.count == 2)
    }

    @Test func `every kind is observed, with zero for none`() async throws {
        let job = Job()
        try await job.watch.runOnce(at: Self.at(0))
        let observed = job.observer.observations
        #expect(observed.count == AttentionKind.allCases.count)
        #expect(observed.contains(.attention(.dispute, count: 2)))
        #expect(observed.contains(.attention(.webhookParked, count: 0)))
    }
}

/// One thing that waits for a person, in words.
@Suite struct AttentionItemTests {
    private let noon = HandMovedClock().now()
    private let trade = TradeNumber("order_1_2")!

    private func receipt(namesOurAccount: Bool) -> Receipt {
        Receipt(
            channel: sandbox, tradeNumber: trade, transactionID: TransactionID("2026X")!, amount: 1,
            currencyCode: "CNY", paidAt: noon, namesOurAccount: namesOurAccount)
    }

    private func refund(_ state: RefundState, code: String? = nil) -> ListedRefund {
        ListedRefund(
            refund: Refund(
                number: "order_1_2_r1", tradeNumber: trade, transactionID: TransactionID("2026X")!,
                money: Money(amount: 9_900, currency: Currency("CNY")!)!, cause: .duplicate, state: state,
                createdAt: noon,
                askAt: nil,
                providerCode: code), channel: sandbox)
    }

    private var parked: DeliveryRecord {
        DeliveryRecord(
            id: DeliveryID(7)!, event: EventID(7)!, order: trade.order, kind: .orderPaid, occurredAt: noon,
            state: .parked, tries: 13,
            nextAt: noon, deliveredAt: nil, lastAnswer: "answered with 500")
    }

    private var difference: RecordedDifference {
        RecordedDifference(
            id: DifferenceID(7)!, channel: sandbox,
            finding: DifferenceFinding(
                .amount, DifferenceSubject(text: "payment:2026X"), day: BillDay(containing: noon), order: trade.order,
                tradeNumber: trade.text, transactionID: "2026X", refundNumber: nil,
                here: BookedMoney(amount: 9_900, currencyCode: "CNY", status: "honest"),
                there: BookedMoney(amount: 7, currencyCode: "CNY", status: "succeeded")),
            row: 3, openedAt: noon, state: .open, decision: nil, closedAt: nil, ending: nil)
    }

    @Test func `each thing has its kind, its words and the command that decides it`() {
        let matters: [(AttentionItem.Matter, AttentionKind, words: String, command: String)] = [
            (
                .dispute(receipt(namesOurAccount: true)), .dispute,
                "payment 2026X of 1 CNY does not match order_1_2",
                "paypage disputes accept 2026X --order order_1 --reason ..."
            ),
            (
                .dispute(receipt(namesOurAccount: false)), .dispute,
                "payment 2026X of 1 CNY does not match order_1_2: it names another account",
                "paypage disputes accept 2026X --order order_1 --reason ..."
            ),
            (
                .refund(refund(.failed, code: "TRADE_CLOSED")), .refundFailed,
                "refund order_1_2_r1 of 9900 CNY failed: TRADE_CLOSED", "paypage refunds retry order_1_2_r1"
            ),
            (
                .refund(refund(.needsAttention)), .refundNeedsAttention,
                "refund order_1_2_r1 of 9900 CNY is refused by the provider, and retried",
                "paypage refunds retry order_1_2_r1"
            ),
            (
                .difference(difference), .difference,
                "bill of 2026-11-22: amount of order_1_2 2026X, here 9900 CNY honest, there 7 CNY succeeded",
                "paypage differences explain 7 --note ..."
            ),
            (
                .circuitOpen(sandbox), .circuitOpen,
                "the provider of sandbox does not answer, calls are paused", "paypage doctor"
            ),
            (
                .unknownRefusal(trade, sandbox, answer: "unknown"), .unknownRefusal,
                "order_1_2 may take money, and the provider refuses calls about it: unknown",
                "paypage orders show order_1"
            ),
            (
                .webhookParked(parked), .webhookParked,
                "webhook order.paid of order_1 was not delivered in 13 tries: answered with 500",
                "paypage deliveries resend 7"
            ),
            (
                .certificateEnds(sandbox, name: "5DEA", at: noon), .certificateEnds,
                "the last known certificate 5DEA ends on 2026-11-22T10:00:00Z", "paypage doctor"
            ),
            (
                .backupMissing(reason: "the disk is full"), .backupMissing,
                "no good copy of the database: the disk is full", "paypage backup FILE"
            ),
            (
                .channelPaused(sandbox), .channelPaused, "sandbox creates no new attempts",
                "paypage channels resume sandbox"
            ),
            (
                .diskNearlyFull(folder: "/var/lib/paypage"), .diskNearlyFull,
                "the disk of /var/lib/paypage is nearly full; payments fail when it is full", "df -h"
            ),
        ]
        #expect(Set(matters.map(\.1)) == Set(AttentionKind.allCases))
        for (matter, kind, words, command) in matters {
            let item = AttentionItem(matter, since: noon)
            #expect(item.kind == kind)
            #expect(item.words == words)
            #expect(item.command == command)
        }
    }

    @Test(arguments: ["a b", "$(reboot)", "a;b", "a'b", "单号"])
    func `a provider's number that a shell could interpret is in no command`(_ number: String) {
        let receipt = Receipt(
            channel: sandbox, tradeNumber: trade, transactionID: TransactionID(number)!, amount: 1,
            currencyCode: "CNY", paidAt: noon, namesOurAccount: true)
        #expect(AttentionItem(.dispute(receipt), since: noon).command == "paypage disputes list")
        let refund = Refund(
            number: number, tradeNumber: trade, transactionID: TransactionID("2026X")!,
            money: Money(amount: 9_900, currency: Currency("CNY")!)!, cause: .provider, state: .failed,
            createdAt: noon, askAt: nil)
        let item = AttentionItem(.refund(ListedRefund(refund: refund, channel: sandbox)), since: noon)
        #expect(item.command == "paypage orders show order_1")
    }

    @Test func `the most severe come first, and of one severity the longest waiting`() {
        func item(_ matter: AttentionItem.Matter, _ seconds: Int) -> AttentionItem {
            AttentionItem(matter, since: noon + .seconds(seconds))
        }
        let attention = Attention(
            items: [
                item(.channelPaused(sandbox), 0), item(.webhookParked(parked), 1), item(.circuitOpen(sandbox), 9),
                item(.refund(refund(.failed)), 5), item(.unknownRefusal(trade, sandbox, answer: ""), 0),
            ], counts: [:])
        #expect(
            attention.items.map(\.kind) == [
                .refundFailed, .circuitOpen, .unknownRefusal, .webhookParked, .channelPaused,
            ])
    }
}
