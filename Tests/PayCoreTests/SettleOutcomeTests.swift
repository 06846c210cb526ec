import PayCore
import Testing

@Suite struct SettleOutcomeTests {
    @Test func `every standing of a receipt comes from one outcome`() {
        let standings = SettleOutcome.allCases.compactMap(\.standing)
        #expect(standings.count == ReceiptStanding.allCases.count)
        #expect(Set(standings) == Set(ReceiptStanding.allCases))
    }

    @Test func `money that is stored and undisputed is told to the merchant, each outcome by an event of its own`() {
        let events = SettleOutcome.allCases.filter { $0.standing != nil && $0 != .disputed }.map(\.event)
        #expect(Set(events) == [.orderPaid, .paymentDuplicate, .paymentLate, .paymentReturned])
        #expect(SettleOutcome.allCases.filter { $0.event == nil } == [.disputed, .repeated, .orphan])
    }

    @Test func `an alarm does not change the outcome`() {
        #expect(SettleAction.afterLastWord(.paid).outcome == .paid)
        #expect(SettleAction.afterLastWord(.afterLastWord(.returned)).outcome == .returned)
    }
}
