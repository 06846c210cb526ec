public import PayCore

/// Tells the merchant what happened: at least once, and of each order in the order in which it happened.
///
/// A message is claimed, sent, and then its answer stored. A process that dies in between leaves a claim that runs out,
/// and the message is sent again, under the same name and with the same bytes.
public struct DeliverEvents: Sendable {
    /// Messages in one run: whoever told it to stop shall not wait for all of a long outage's.
    public static let deliveriesPerRun = 200
    /// Messages at a time: what a shop's own server takes without being flooded. When so many hang, the others wait.
    public static let deliveriesAtATime = 16
    /// The longest that one sending may take: a receiver that works before it answers needs seconds, and what is under
    /// way at a shutdown must end well within its limit.
    public static let sendingTimeout = Duration.seconds(15)
    /// A claim outlives the sending by the commits before and after it, on a busy machine. It is also how long a message
    /// waits whose process died.
    public static let claimLength = sendingTimeout + .seconds(5)
    /// How often it is looked for more to send while some receiver takes its time.
    public static let lookEvery = Duration.seconds(1)

    private enum News {
        case ended(Outcome)
        case timeToLook
    }

    private typealias Sendings = ThrowingTaskGroup<News, any Error>

    private let outbox: any Outbox
    private let receiver: any EventReceiver
    private let clock: any PayClock
    private let witness: any Witness

    public init(outbox: any Outbox, receiver: any EventReceiver, clock: any PayClock, witness: any Witness) {
        self.outbox = outbox
        self.receiver = receiver
        self.clock = clock
        self.witness = witness
    }

    /// Sends what is due at `now`, and what becomes due meanwhile, until nothing is left or the limit is reached. When
    /// the task is cancelled nothing more is begun, and what is under way is finished.
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
                // An answer makes room, and lets the next message of its order go.
                try await begin(whatIsDueAt: clock.now(), &run, &sendings)
            }
            sendings.cancelAll()
        }
        return run.report
    }

    private func begin(whatIsDueAt now: Instant, _ run: inout Run, _ sendings: inout Sendings) async throws {
        guard run.room > 0, !Task.isCancelled else { return }
        let claimed = try await outbox.claimDeliveries(
            dueAt: now, until: clock.now() + Self.claimLength, limit: run.room)
        for claim in claimed.claims {
            run.begin()
            // A task of its own: a sending is not cut short because nothing more shall be begun.
            let work = Task { try await send(claim) }
            sendings.addTask { .ended(try await work.value) }
        }
        for order in claimed.unreadable {
            run.park()
            witness.saw(.delivery(.parked, order))
        }
    }

    private func send(_ claim: DeliveryClaim) async throws -> Outcome {
        let answer = await receiver.deliver(claim.delivery)
        let now = clock.now()
        let step = answer.step(afterTry: claim.triesSinceResend, at: now)
            .givingUp(noSoonerAfter: claim.delivery.event.at, at: now)
        guard try await outbox.finishDelivery(claim, step, answer: answer, at: now) else { return .overtaken }
        let outcome = Outcome(step)
        if let told = outcome.told { witness.saw(.delivery(told, claim.delivery.order.number)) }
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
