import Foundation
import PayFlow
import PayTestSupport
import Testing

@testable import PayCore
@testable import PayProviders

/// The webhook of a difference between a bill and the books.
struct DifferenceMessageTests {
    private func message(here: BookedMoney?, there: BookedMoney?) -> EventMessage {
        let finding = DifferenceFinding(
            there == nil ? .missingThere : .amount, DifferenceSubject(text: "payment:tx-1"),
            day: BillDay("2026-11-22")!, order: OrderNumber("order_1"), tradeNumber: "order_1_1", transactionID: "tx-1",
            refundNumber: nil,
            here: here, there: there)
        let id = DifferenceID(7)!
        return EventMessage(
            id: EventID(57)!,
            event: OrderEvent(
                kind: .reconciliationDifference, tradeNumber: nil, transactionID: nil, differenceID: id,
                at: HandMovedClock().now()),
            order: EventMessage.OrderParticulars(
                number: OrderNumber("order_1")!, userID: UserID("u")!,
                money: Money(amount: 9_900, currency: Currency("CNY")!)!, subject: Subject("Tea")!),
            payment: nil, refund: nil,
            difference: EventMessage.DifferenceParticulars(id: id, channel: Channel("sandbox")!, finding: finding))
    }

    private func text(_ delivery: EventMessage) -> String {
        String(decoding: WebhookMessage(delivery).bytes, as: UTF8.self)
    }

    @Test func `a difference is told with both sides, and the amount is the bill's`() {
        let text = text(
            message(
                here: BookedMoney(amount: 9_900, currencyCode: "CNY", status: "honest"),
                there: BookedMoney(amount: 9_800, currencyCode: "CNY", status: "succeeded")))
        #expect(
            text == """
                {"data":{"amount":9800,"currency":"CNY","difference":{"channel":"sandbox","day":"2026-11-22",\
                "here":{"amount":9900,"currency":"CNY","status":"honest"},"id":7,"kind":"amount",\
                "there":{"amount":9800,"currency":"CNY","status":"succeeded"},"trade_no":"order_1_1",\
                "transaction_id":"tx-1"},"out_trade_no":"order_1","subject":"Tea","user_id":"u"},\
                "timestamp":"2026-11-22T10:00:00Z","type":"reconciliation.difference"}
                """)
    }

    @Test func `money that no bill has is told with the amount of the books`() {
        let text = text(message(here: BookedMoney(amount: 77, currencyCode: "CNY", status: "honest"), there: nil))
        #expect(text.contains(#""amount":77,"currency":"CNY","difference""#) && !text.contains(#""there""#))
    }
}
