import Logging
import Metrics
import PayCore
import PayProviders

/// Gives each channel its own circuit breaker over the shared transport, and logs its changes.
struct ChannelGuards: Sendable {
    let transport: any ProviderTransport
    let clock: SystemClock
    let circuits: OpenCircuits
    let logger: Logger
    /// The total time-out of the transport.
    let totalTimeout: Duration

    func guarded(
        _ channel: Channel, saysBroken: @escaping @Sendable (ProviderReply) -> Bool = \.isServerError
    ) -> GuardedTransport {
        GuardedTransport(
            transport, clock: clock, limits: .init(totalTimeout: totalTimeout), saysBroken: saysBroken,
            onChange: { [logger, circuits, clock] change in
                circuits.note(change, of: channel, at: clock.now())
                Self.tell(change, of: channel, logger)
            })
    }

    static func tell(_ change: GuardedTransport.Change, of channel: Channel, _ logger: Logger) {
        let circuit = Gauge(label: "paypage_provider_circuit_open", dimensions: [("channel", channel.name)])
        let name: Logger.Metadata = ["provider.channel": "\(channel)"]
        switch change {
        case .opened(let pause):
            circuit.record(1)
            logger.warning(
                "provider circuit opened, calls are paused", metadata: name.merging(pause.metadata) { $1 })
        case .closed:
            circuit.record(0)
            logger.warning("provider circuit closed", metadata: name)
        case .slowedDown(let pause):
            logger.warning(
                "provider rate limit reached, calls are paused", metadata: name.merging(pause.metadata) { $1 })
        }
    }
}

extension Duration {
    fileprivate var metadata: Logger.Metadata { ["provider.pause.ms": "\(wholeMilliseconds)"] }
}
