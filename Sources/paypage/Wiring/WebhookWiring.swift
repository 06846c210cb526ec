import Logging
import PayCore
import PayFlow
import PayProviders
import PayTelemetry

/// The parts that send webhooks. They have their own connections, so that a hanging endpoint takes none of a
/// provider's.
struct WebhookWiring: Sendable {
    let transport: CurlTransport
    let receiver: WebhookReceiver
    /// The clock jobs that send webhooks, one for each endpoint, so that none waits for another.
    let jobs: [ClockJob]

    /// - Parameter tracing: nil for no traces.
    init(
        _ endpoints: [WebhookEndpoint], outbox: any Outbox, clock: SystemClock, observer: any FlowObserver,
        tracing: TraceWiring?, logger: Logger
    ) {
        // Two endpoints may share a host.
        transport = CurlTransport(
            limits: .init(
                connectTimeout: DeliverEvents.sendingTimeout / 3, totalTimeout: DeliverEvents.sendingTimeout,
                connectionsPerHost: DeliverEvents.deliveriesAtATime * max(1, endpoints.count)))
        let receiver = WebhookReceiver(
            endpoints, transport: tracing == nil ? transport : TracingTransport(transport), clock: clock,
            logger: logger)
        self.receiver = receiver
        let traced = TracedReceiver(
            receiver, tracing?.traces ?? .off, recent: tracing?.recent ?? RecentTraces())
        jobs = zip(Self.jobNames, endpoints).map { name, endpoint in
            let deliver = DeliverEvents(
                to: endpoint.name, outbox: outbox, receiver: traced, clock: clock, observer: observer)
            return ClockJob(name, every: ClockJob.soon) { try await deliver.runOnce(at: $0) }
        }
    }

    /// The names of the jobs of as many endpoints as there may be.
    static let jobNames = (1...WebhookEndpoint.most).map { $0 == 1 ? "deliver" : "deliver.\($0)" }
}
