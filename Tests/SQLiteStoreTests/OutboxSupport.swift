import LedgerSQL
import PayFlow
import PayRecords
import SQLiteStore

@testable import PayCore

func event(
    _ kind: OrderEvent.Kind, of trade: TradeNumber? = nil, _ transaction: String? = nil, code: String? = nil
) -> OrderEvent {
    OrderEvent(
        kind: kind, tradeNumber: trade, transactionID: transaction.flatMap(TransactionID.init),
        refundNumber: kind.isOfRefund ? "order_1_1_r2" : nil, providerCode: code, at: at(61))
}

extension SQLiteLedger {
    /// Stores events of an order, made when there is none yet: the first is ``fullOrder(_:)``, others were not paid.
    func tell(_ events: [OrderEvent], of number: String = "order_1") async throws {
        let made =
            number == "order_1"
            ? fullOrder() : SQLiteStoreTests.order(number, fence: 1, attempts: [attempt(trade(number, 1))])
        _ = try await update(made.number, creating: draft(number), at: at(61)) { order in
            if order.attempts.isEmpty { order = made }
            order.newEvents = events
            return Decision(true)
        }
    }

    func claim(_ seconds: Int, limit: Int = 100) async throws -> [DeliveryClaim] {
        try await claimDeliveries(dueAt: at(seconds), until: at(seconds + 20), limit: limit).claims
    }

    func finish(_ claim: DeliveryClaim, _ answer: DeliveryAnswer, _ seconds: Int) async throws -> Bool {
        let step = answer.step(afterTry: claim.triesSinceResend, at: at(seconds))
        return try await finishDelivery(claim, step, answer: answer, at: at(seconds))
    }

    func records(_ state: DeliveryState? = nil, of order: String? = nil, limit: Int = 10_000) async throws
        -> [DeliveryRecord]
    {
        try await deliveries(DeliveryListing(state: state, order: order.map(orderNumber), limit: limit))
    }
}
