import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

/// A process that sends webhooks to the merchant.
struct Teller {
    let events: DeliverEvents
    let outbox: BreakableOutbox
    let observer: RecordingObserver
}

extension World {
    func teller(_ receiver: ScriptedReceiver) throws -> Teller {
        let outbox = BreakableOutbox(store)
        let observer = RecordingObserver()
        return Teller(
            events: DeliverEvents(outbox: outbox, receiver: receiver, clock: clock, observer: observer), outbox: outbox,
            observer: observer)
    }

    /// An order that was paid this often: one `order.paid`, and a `payment.duplicate` for each further payment.
    func paid(_ number: OrderNumber, times: Int = 1) async throws {
        let process = try await process()
        sandbox.willCreate(made())
        _ = try await process.pay(PayFlowTests.firstPay(number, at: clock.now())).answer()
        let trade = TradeNumber(order: number, sequence: 1)
        for time in 1...times {
            let payment = receipt(of: trade, "tx-\(number)-\(time)")
            let notice = sandbox.notice(.payment(payment), about: trade.text, id: "n-\(number)-\(time)")
            _ = await process.settle(notice, from: PayFlowTests.sandbox)
        }
    }

    /// Every webhook with its state, the oldest first.
    func outbox() async throws -> [DeliveryRecord] {
        try await store.deliveries(DeliveryListing(limit: 10_000)).reversed()
    }

    func resend(_ wanted: DeliveriesToResend) async throws -> ResendReport {
        try await store.resendDeliveries(wanted, by: .tester, at: clock.now())
    }
}

/// The error of an outbox that a test made fail.
struct AnswerLost: Error {}

/// The real outbox. Its next answer can be lost, as in a crash between sending and storing.
final class BreakableOutbox: Outbox {
    private let real: any Outbox
    private let failing = Mutex(0)

    init(_ real: any Outbox) {
        self.real = real
    }

    func willFailToFinish() { failing.withLock { $0 += 1 } }

    func claimDeliveries(
        to endpoint: EndpointName, dueAt now: Instant, until end: Instant, limit: Int
    ) async throws -> ClaimedDeliveries {
        try await real.claimDeliveries(to: endpoint, dueAt: now, until: end, limit: limit)
    }

    func finishDelivery(
        _ claim: DeliveryClaim, _ step: DeliveryStep, after made: DeliveryTry, at now: Instant
    ) async throws -> Bool {
        let isFailing = failing.withLock { count in
            defer { count = max(0, count - 1) }
            return count > 0
        }
        if isFailing { throw AnswerLost() }
        return try await real.finishDelivery(claim, step, after: made, at: now)
    }
}

/// A short number for one of many orders.
func many(_ count: Int) -> OrderNumber { OrderNumber("many_\(count)")! }

extension [EventMessage] {
    /// The webhooks of one order, by kind and payment.
    func told(of number: OrderNumber) -> [String] {
        filter { $0.order.number == number }.map { "\($0.event.kind.rawValue) \($0.event.transactionID?.text ?? "")" }
    }
}

extension RecordingObserver {
    func count(_ outcome: DeliveryOutcome) -> Int {
        observations.count { if case .delivery(outcome, _, _) = $0 { true } else { false } }
    }
}
