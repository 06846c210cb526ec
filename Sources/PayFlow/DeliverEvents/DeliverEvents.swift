public import PayCore

/// Delivers webhooks to one endpoint of the merchant: at least once, and in the order of the events of each order.
/// Another endpoint has a run of its own, so that none waits for another that is down.
///
/// A webhook is claimed, sent, and then its answer is stored. If the process crashes in between, the claim expires and
/// the webhook is sent again with the same ID and the same bytes.
public struct DeliverEvents: Sendable {
    /// Webhooks in one run: a shutdown must not wait for the backlog of a long outage.
    public static let deliveriesPerRun = 200
    /// Webhooks at a time: a shop's own server must not be flooded. When this many hang, the others wait.
    public static let deliveriesAtATime = 16
    /// The longest time of one sending. A receiver that works before it answers needs seconds, and a sending must end
    /// well within the limit of a shutdown.
    public static let sendingTimeout = Duration.seconds(15)
    /// A claim lasts longer than the sending, by the commits before and after it on a busy machine. A webhook waits
    /// this long after its process crashed.
    public static let claimLength = sendingTimeout + .seconds(5)
    /// How often due webhooks are looked up while a receiver is slow.
    public static let lookEvery = Duration.seconds(1)

    private enum News {
        case ended(Outcome)
        case timeToLook
    }

    private typealias Sendings = ThrowingTaskGroup<News, any Error>

    public let endpoint: EndpointName
    private let outbox: any Outbox
    private let receiver: any EventReceiver
    private let clock: any PayClock
    private let observer: any FlowObserver

    public init(
        to endpoint: EndpointName = .standard, outbox: any Outbox, receiver: any EventReceiver, clock: any PayClock,
        observer: any FlowObserver
    ) {
        self.endpoint = endpoint
        self.outbox = outbox
        self.receiver = receiver
        self.clock = clock
        self.observer = observer
    }

    /// Sends the webhooks that are due at `now` or become due during the run, until none is left or the limit is
    /// reached. After a cancellation no further sending begins, and sendings in progress are finished.
    public func runOnce(at now: Instant, limit: Int = deliveriesPerRun) async throws -> Report {
        var run = Run(limit: limit)
        try await withThrowingTaskGroup(of: News.self) { sendings in
            try await begin(whatIsDueAt: now, &run, &sendings)
            if run.isUnderWay { lookLater(&sendings) }
            while run.isUnderWay, let news = try await sendings.next() {
                switch news {
                case .ended(let outcome): run.end(outcome)
                case .timeToLook: if !Task.isCancelled { lookLater(&sendings) }
                }
                // An answer makes room, and allows the next webhook of its order.
                try await begin(whatIsDueAt: clock.now(), &run, &sendings)
            }
            sendings.cancelAll()
        }
        return run.report
    }

    private func begin(whatIsDueAt now: Instant, _ run: inout Run, _ sendings: inout Sendings) async throws {
        guard run.room > 0, !Task.isCancelled else { return }
        let claimed = try await outbox.claimDeliveries(
            to: endpoint, dueAt: now, until: clock.now() + Self.claimLength, limit: run.room)
        for claim in claimed.claims {
            run.begin()
            // A separate task: a cancellation must not cut a sending short.
            let work = Task { try await send(claim) }
            sendings.addTask { .ended(try await work.value) }
        }
        for order in claimed.unreadable {
            run.park()
            observer.saw(.delivery(.parked, order, to: endpoint))
        }
    }

    private func send(_ claim: DeliveryClaim) async throws -> Outcome {
        let (beganAt, began) = (clock.now(), clock.uptime())
        let reply = await receiver.deliver(claim.message, to: endpoint)
        let now = clock.now()
        let step = reply.answer.step(afterTry: claim.triesSinceResend, at: now)
            .givingUp(noSoonerAfter: claim.message.event.at, at: now)
        let made = DeliveryTry(beganAt: beganAt, took: clock.uptime() - began, reply: reply)
        guard try await outbox.finishDelivery(claim, step, after: made, at: now) else { return .overtaken }
        let outcome = Outcome(step)
        if let told = outcome.told { observer.saw(.delivery(told, claim.message.order.number, to: endpoint)) }
        return outcome
    }

    private func lookLater(_ sendings: inout Sendings) {
        let clock = clock
        sendings.addTask {
            try? await clock.sleep(for: Self.lookEvery)
            return .timeToLook
        }
    }
}
