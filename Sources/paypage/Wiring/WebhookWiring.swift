import Logging
import PayFlow
import PayProviders

/// The parts that send webhooks. They have their own connections, so that a hanging receiver takes none of a
/// provider's.
struct WebhookWiring: Sendable {
    let transport: CurlTransport
    let deliverEvents: DeliverEvents

    init(
        _ webhook: Settings.Webhook, outbox: any Outbox, clock: SystemClock, observer: any FlowObserver, logger: Logger
    ) {
        transport = CurlTransport(
            limits: .init(
                connectTimeout: DeliverEvents.sendingTimeout / 3, totalTimeout: DeliverEvents.sendingTimeout,
                connectionsPerHost: DeliverEvents.deliveriesAtATime))
        let receiver = WebhookReceiver(
            url: webhook.url, signer: webhook.signer, transport: transport, clock: clock, logger: logger)
        deliverEvents = DeliverEvents(outbox: outbox, receiver: receiver, clock: clock, observer: observer)
    }

    /// The clock job that sends webhooks.
    var job: ClockJob {
        ClockJob("deliver", every: ClockJob.soon) { [deliverEvents] in try await deliverEvents.runOnce(at: $0) }
    }
}
