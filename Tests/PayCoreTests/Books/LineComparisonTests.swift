import Testing

@testable import PayCore

/// The comparison of one line with the books.
struct LineComparisonTests {
    /// An order with one paid attempt, its receipt, and these refunds.
    private func paid(
        _ receipts: [RecordedReceipt]? = nil, refunds: [Refund] = [], channel: Channel = sandbox
    ) -> Order {
        let honest = RecordedReceipt(receipt: receipt(), standing: .honest, recordedAt: at(21))
        return Order(
            number: number, userID: UserID("user-7")!, money: yuan, subject: Subject("two cups")!, returnURL: nil,
            createdAt: noon, deadline: at(1_800), state: .paid(by: first, at: at(21)), fence: Fence(3),
            attempts: [attempt(first, .paid, channel: channel)], receipts: receipts ?? [honest], refunds: refunds)
    }

    private func refund(_ state: RefundState, renewals: Int = 0) -> Refund {
        Refund(
            number: "\(first)_r1", tradeNumber: first, transactionID: TransactionID("tx-1")!, money: yuan, cause: .late,
            state: state, createdAt: at(30), askAt: nil, renewals: renewals,
            refundedAt: state == .succeeded ? at(40) : nil)
    }

    private func line(
        _ kind: BillLine.Kind = .payment, _ status: BillLine.Status = .succeeded, trade: String = "\(first)",
        transaction: String? = "tx-1", refund: String? = nil, amount: Int64 = yuan.amount, currency: String = "CNY"
    ) -> BillLine {
        BillLine(
            row: 3, kind: kind, status: status, tradeNumber: trade, transactionID: transaction, refundNumber: refund,
            amount: amount, currencyCode: currency, feeMicros: nil, at: at(20))
    }

    private func refundLine(
        _ status: BillLine.Status = .succeeded, _ number: String? = "\(first)_r1", amount: Int64 = yuan.amount
    ) -> BillLine {
        line(.refund, status, refund: number, amount: amount)
    }

    private func verdict(
        _ line: BillLine, in order: Order?, _ lateness: Lateness = .inTime, _ progress: QuestionProgress = .notAsked,
        hasFailedLine: Bool = false, isRepeated: Bool = false, foreign: ForeignLines = .report
    ) -> LineVerdict {
        line.compared(
            with: LineContext(
                channel: sandbox, day: BillDay(containing: noon), order: order, lateness: lateness,
                hasFailedLine: hasFailedLine, isRepeated: isRepeated, progress: progress, foreign: foreign))
    }

    private func kind(_ verdict: LineVerdict) -> DifferenceKind? {
        if case .difference(let finding) = verdict { finding.kind } else { nil }
    }

    private func isMatched(_ verdict: LineVerdict) -> Bool {
        if case .matched = verdict { true } else { false }
    }

    // MARK: Payments

    @Test(arguments: ReceiptStanding.allCases)
    func `a payment matches its receipt, whatever the receipt's standing`(standing: ReceiptStanding) {
        let order = paid([RecordedReceipt(receipt: receipt(), standing: standing, recordedAt: at(21))])
        #expect(verdict(line(), in: order) == .matched(.payment("tx-1")))
    }

    @Test func `a payment of another amount is a difference at once`() {
        let found = verdict(line(amount: 9_899), in: paid())
        guard case .difference(let finding) = found else { Issue.record("\(found)"); return }
        #expect(finding.kind == .amount && finding.here?.amount == 9_900 && finding.there?.amount == 9_899)
        #expect(finding.order == number && finding.transactionID == "tx-1" && finding.tradeNumber == "\(first)")
        #expect(finding.here?.status == "honest" && finding.there?.status == "succeeded")
    }

    @Test func `a payment in another currency is a difference`() {
        #expect(kind(verdict(line(currency: "USD"), in: paid())) == .amount)
        #expect(isMatched(verdict(line(currency: "cny"), in: paid())))
    }

    @Test func `a second payment of one trade does not match the first payment's receipt`() {
        #expect(verdict(line(transaction: "tx-2"), in: paid()) == .ask(.trade(first)))
        #expect(kind(verdict(line(transaction: "tx-2"), in: paid(), .overdue, .answered)) == .missingHere)
    }

    @Test func `a payment without the provider's number matches the only receipt of its trade`() {
        #expect(verdict(line(transaction: nil), in: paid()) == .matched(.payment("tx-1")))
        let twice = ["tx-1", "tx-2"].map {
            RecordedReceipt(receipt: receipt(first, $0), standing: .duplicate, recordedAt: at(21))
        }
        #expect(verdict(line(transaction: nil), in: paid(twice)) == .ask(.trade(first)))
    }

    @Test func `a receipt of another channel is no partner`() {
        let elsewhere = RecordedReceipt(
            receipt: receipt(channel: wechat), standing: .disputed, recordedAt: at(21))
        #expect(verdict(line(), in: paid([elsewhere])) == .ask(.trade(first)))
    }

    @Test(arguments: ReceiptStanding.allCases)
    func `a payment that the provider took back is a difference, unless it is booked as returned`(
        standing: ReceiptStanding
    ) {
        let order = paid([RecordedReceipt(receipt: receipt(), standing: standing, recordedAt: at(21))])
        #expect(kind(verdict(line(.payment, .failed), in: order)) == (standing == .returned ? nil : .status))
    }

    @Test func `a payment that did not move and is not booked is no difference`() {
        #expect(isMatched(verdict(line(.payment, .failed), in: paid([]), .longOverdue)))
        #expect(verdict(line(.payment, .failed), in: nil) == .foreign)
    }

    // MARK: Money that the books do not have

    @Test func `the provider is queried about a payment that the books do not have`() {
        for lateness in [Lateness.inTime, .overdue, .longOverdue] {
            #expect(verdict(line(), in: paid([]), lateness) == .ask(.trade(first)))
        }
    }

    @Test func `a payment without a receipt waits for the next day's bill`() {
        for progress in [QuestionProgress.answered, .unanswered] {
            #expect(verdict(line(), in: paid([]), .inTime, progress) == .waiting(.payment("tx-1")))
        }
    }

    @Test func `a payment without a receipt is a difference once the next day's bill is loaded`() {
        let found = verdict(line(), in: paid([]), .overdue, .answered)
        guard case .difference(let finding) = found else { Issue.record("\(found)"); return }
        #expect(finding.kind == .missingHere && finding.here == nil && finding.there?.amount == 9_900)
    }

    @Test func `an unknown answer is no difference before a second bill is loaded`() {
        #expect(verdict(line(), in: paid([]), .overdue, .unanswered) == .waiting(.payment("tx-1")))
        #expect(kind(verdict(line(), in: paid([]), .longOverdue, .unanswered)) == .missingHere)
    }

    @Test func `a trade of our order that was never begun is a difference without a query`() {
        let other = line(trade: "\(second)", transaction: "tx-9")
        #expect(verdict(other, in: paid(), .inTime) == .waiting(.payment("tx-9")))
        #expect(kind(verdict(other, in: paid(), .overdue)) == .missingHere)
    }

    @Test func `lines of a payment that is booked at another channel of the same account are foreign`() {
        let elsewhere = RecordedReceipt(receipt: receipt(channel: wechat), standing: .honest, recordedAt: at(21))
        let order = paid([elsewhere], channel: wechat)
        #expect(verdict(line(), in: order, .longOverdue) == .foreign)
        #expect(verdict(line(transaction: nil), in: order, .longOverdue) == .foreign)
        #expect(verdict(refundLine(.succeeded, "console-1"), in: order, .longOverdue) == .foreign)
        let own = line(.refund, trade: "M-7", transaction: nil, refund: "\(first)_r7")
        #expect(verdict(own, in: order, .longOverdue) == .foreign)
    }

    @Test func `money for a trade of another channel is a difference if that channel has no receipt of it`() {
        let order = paid([], channel: wechat)
        #expect(verdict(line(), in: order) == .waiting(.payment("tx-1")))
        #expect(kind(verdict(line(), in: order, .overdue)) == .missingHere)
        let other = RecordedReceipt(receipt: receipt(channel: wechat), standing: .honest, recordedAt: at(21))
        let paidTwice = paid([other], channel: wechat)
        #expect(kind(verdict(line(transaction: "tx-9"), in: paidTwice, .overdue)) == .missingHere)
    }

    // MARK: Foreign lines

    @Test(arguments: ["2021WERUN1647840687637", "service_1568601259302", "", "a_1", "order_21", "order_0", "日本_1"])
    func `a number that can't be ours is foreign`(trade: String) {
        #expect(verdict(line(trade: trade), in: nil, .longOverdue) == .foreign)
        #expect(verdict(line(.refund, trade: trade, refund: "1"), in: nil, .longOverdue) == .foreign)
    }

    @Test(arguments: ["order_1", "order_20"])
    func `a number like ours without an order is a difference, unless foreign lines are ignored`(trade: String) {
        let line = line(trade: trade)
        #expect(verdict(line, in: nil) == .waiting(.payment("tx-1")))
        #expect(kind(verdict(line, in: nil, .overdue)) == .missingHere)
        #expect(verdict(line, in: nil, .overdue, foreign: .ignore) == .foreign)
        let refund = BillLine(
            row: 1, kind: .refund, status: .succeeded, tradeNumber: trade, transactionID: nil, refundNumber: "7",
            amount: 1, currencyCode: "CNY", feeMicros: nil, at: noon)
        #expect(kind(verdict(refund, in: nil, .overdue)) == .refundMissingHere)
        #expect(verdict(refund, in: nil, .overdue, foreign: .ignore) == .foreign)
    }

    @Test func `foreign lines are never ignored when the order is ours`() {
        #expect(verdict(line(), in: paid([]), .overdue, foreign: .ignore) == .ask(.trade(first)))
    }

    // MARK: Refunds

    /// The difference of a line and the state of its refund; nil if they agree.
    static let refunds: [(BillLine.Status, RefundState, DifferenceKind?)] = [
        (.succeeded, .succeeded, nil), (.succeeded, .failed, .status), (.succeeded, .pending, .status),
        (.succeeded, .submitted, .status), (.succeeded, .needsAttention, .status),
        (.accepted, .succeeded, nil), (.accepted, .failed, nil), (.accepted, .pending, nil),
        (.accepted, .submitted, nil), (.accepted, .needsAttention, nil),
        (.failed, .succeeded, .status), (.failed, .failed, nil), (.failed, .pending, .status),
        (.failed, .submitted, .status), (.failed, .needsAttention, .status),
    ]

    @Test(arguments: refunds)
    func `a refund's line and the refund's state agree by the table`(
        row: (status: BillLine.Status, state: RefundState, kind: DifferenceKind?)
    ) {
        let order = paid(refunds: [refund(row.state)])
        let line = refundLine(row.status)
        guard let kind = row.kind else {
            #expect(isMatched(verdict(line, in: order)))
            return
        }
        // The provider is queried first, then the line waits, because the refund may still move.
        #expect(verdict(line, in: order, .overdue) == .ask(.refund(number: "\(first)_r1", of: first)))
        #expect(self.kind(verdict(line, in: order, .inTime, .answered)) == nil)
        #expect(self.kind(verdict(line, in: order, .overdue, .answered)) == kind)
    }

    @Test func `a refund that failed after it had succeeded matches both of its lines`() {
        let order = paid(refunds: [refund(.failed)])
        #expect(isMatched(verdict(refundLine(.succeeded), in: order, hasFailedLine: true)))
        #expect(isMatched(verdict(refundLine(.failed), in: order, hasFailedLine: true)))
    }

    @Test func `a refund of another amount is a difference at once`() {
        for status in [BillLine.Status.succeeded, .accepted] {
            let line = refundLine(status, amount: 1)
            #expect(kind(verdict(line, in: paid(refunds: [refund(.succeeded)]))) == .refundAmount)
        }
    }

    @Test func `a refund that was given another number matches under both numbers`() {
        let order = paid(refunds: [refund(.succeeded, renewals: 1)])
        #expect(isMatched(verdict(refundLine(.accepted, "\(first)_r1"), in: order)))
        #expect(isMatched(verdict(refundLine(.failed, "\(first)_r1"), in: order)))
        #expect(isMatched(verdict(refundLine(.succeeded, "\(first)_r1_2"), in: order)))
    }

    @Test func `money that went back under both numbers of a refund is a difference`() {
        let order = paid(refunds: [refund(.succeeded, renewals: 1)])
        let line = refundLine(.succeeded, "\(first)_r1")
        #expect(verdict(line, in: order, .overdue) == .ask(.refund(number: "\(first)_r1", of: first)))
        #expect(kind(verdict(line, in: order, .overdue, .answered)) == .status)
    }

    @Test(arguments: ["\(first)_r1_3", "\(first)_r1_02", "\(first)_r2", "\(first)_r12"])
    func `another refund's number is no partner`(number: String) {
        let order = paid(refunds: [refund(.succeeded, renewals: 1)])
        let line = refundLine(.succeeded, number)
        #expect(verdict(line, in: order) == .ask(.foreignRefund(line, of: first)))
    }

    @Test func `the provider is queried about a refund that the books do not have`() {
        let line = refundLine(.succeeded, "console-1")
        #expect(verdict(line, in: paid()) == .ask(.foreignRefund(line, of: first)))
        #expect(verdict(line, in: paid(), .inTime, .answered) == .waiting(line.subject))
        #expect(kind(verdict(line, in: paid(), .overdue, .answered)) == .refundMissingHere)
        #expect(isMatched(verdict(refundLine(.failed, "console-1"), in: paid(), .longOverdue)))
    }

    @Test func `a refund of money that was returned before its receipt came is no difference`() {
        let returned = RecordedReceipt(receipt: receipt(returned: true), standing: .returned, recordedAt: at(21))
        #expect(isMatched(verdict(refundLine(.succeeded, "console-1"), in: paid([returned]), .longOverdue)))
    }

    @Test func `the same refund number in two trades is two refunds`() {
        let other = line(.refund, trade: "order_1", transaction: nil, refund: "1")
        #expect(other.subject != line(.refund, refund: "1").subject)
    }

    @Test func `a line that says that money did not move has its own subject`() {
        #expect(line(.payment, .failed).subject != line().subject)
        #expect(line(transaction: nil).subject != line().subject)
    }

    // MARK: Rows about the same money

    @Test func `a second row about a payment or a refund is a difference of its own`() {
        let order = paid(refunds: [refund(.succeeded)])
        for (line, kind) in [(line(), DifferenceKind.missingHere), (refundLine(), .refundMissingHere)] {
            let found = verdict(line, in: order, isRepeated: true)
            guard case .difference(let finding) = found else { Issue.record("\(found)"); continue }
            #expect(finding.kind == kind && finding.subject != line.subject && finding.here == nil)
            #expect(finding.subject.text.hasSuffix(":3") && finding.there?.amount == 9_900)
        }
        #expect(verdict(line(trade: "OTHER"), in: nil, isRepeated: true) == .foreign)
    }

    @Test func `a refund is in the books while it is succeeded under the number`() {
        let missing = refund(.succeeded).missingThere(succeededAt: at(40))
        #expect(paid(refunds: [refund(.succeeded)]).hasRefund(of: missing))
        #expect(!paid(refunds: [refund(.failed)]).hasRefund(of: missing))
        #expect(!paid(refunds: [refund(.succeeded, renewals: 1)]).hasRefund(of: missing))
        #expect(!paid().hasRefund(of: missing))
    }
}
