import PayFlow
import StoreTestSupport

@testable import PayCore

extension OrderDecisions {
    /// Stores events of an order, made when there is none yet: the first is ``fullOrder(_:)``, others were not paid.
    func tell(_ events: [OrderEvent], of number: String = "order_1") async throws {
        let made =
            number == "order_1"
            ? fullOrder() : StoreTestSupport.order(number, fence: 1, attempts: [attempt(trade(number, 1))])
        _ = try await update(made.number, creating: draft(number), at: at(61)) { order in
            if order.attempts.isEmpty { order = made }
            order.newEvents = events
            return Decision(true)
        }
    }
}

extension Outbox {
    func claim(_ seconds: Int, limit: Int = 100) async throws -> [DeliveryClaim] {
        try await claimDeliveries(to: .standard, dueAt: at(seconds), until: at(seconds + 20), limit: limit).claims
    }

    func finish(_ claim: DeliveryClaim, _ answer: DeliveryAnswer, _ seconds: Int) async throws -> Bool {
        let step = answer.step(afterTry: claim.triesSinceResend, at: at(seconds))
        let made = DeliveryTry(beganAt: at(seconds), took: .milliseconds(20), reply: DeliveryReply(answer))
        return try await finishDelivery(claim, step, after: made, at: at(seconds))
    }
}

extension DeliveryDesk {
    /// An endpoint for every event, which the tests are about unless they name another.
    func withEndpoint() async throws {
        try await keepEndpoints([EndpointEntry(.standard, origin: "https://shop.example")], at: at(0))
    }

    func records(_ state: DeliveryState? = nil, of order: String? = nil, limit: Int = 10_000) async throws
        -> [DeliveryRecord]
    {
        try await deliveries(DeliveryListing(state: state, order: order.map(orderNumber), limit: limit))
    }
}
