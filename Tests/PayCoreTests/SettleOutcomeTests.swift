import PayCore
import Testing

@Suite struct SettleOutcomeTests {
    @Test func `every standing of a receipt comes from one outcome`() {
        let standings = SettleOutcome.allCases.compactMap(\.standing)
        // Only a person can reject disputed money.
        #expect(standings.count == ReceiptStanding.allCases.count - 1)
        #expect(Set(standings).union([.rejected]) == Set(ReceiptStanding.allCases))
    }

    @Test func `money that is stored is told to the merchant, each outcome by an event of its own`() {
        let events = SettleOutcome.allCases.filter { $0.standing != nil }.map(\.event)
        #expect(Set(events) == [.orderPaid, .paymentDuplicate, .paymentLate, .paymentReturned, .paymentDisputed])
        #expect(SettleOutcome.allCases.filter { $0.event == nil } == [.repeated, .orphan])
    }

    @Test func `an alarm does not change the outcome`() {
        #expect(SettleAction.afterLastWord(.paid).outcome == .paid)
        #expect(SettleAction.afterLastWord(.afterLastWord(.returned)).outcome == .returned)
    }
}
