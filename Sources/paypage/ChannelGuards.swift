import Logging
import Metrics
import PayCore
import PayProviders
import Synchronization

/// Gives each channel its own circuit breaker over the shared transport, and logs its changes. A channel that asks again
/// gets the same one.
struct ChannelGuards: Sendable {
    let transport: any ProviderTransport
    let clock: SystemClock
    let circuits: OpenCircuits
    let logger: Logger
    /// The total time-out of the transport.
    let totalTimeout: Duration
    private let given = GivenGuards()

    init(
        transport: any ProviderTransport, clock: SystemClock, circuits: OpenCircuits, logger: Logger,
        totalTimeout: Duration
    ) {
        self.transport = transport
        self.clock = clock
        self.circuits = circuits
        self.logger = logger
        self.totalTimeout = totalTimeout
    }

    func guarded(
        _ channel: Channel, saysBroken: @escaping @Sendable (ProviderReply) -> Bool = \.isServerError
    ) -> GuardedTransport {
        given.of(channel) {
            GuardedTransport(
                transport, clock: clock, limits: .init(totalTimeout: totalTimeout), saysBroken: saysBroken,
                onChange: { [logger, circuits, clock] change in
                    circuits.note(change, of: channel, at: clock.now())
                    Self.tell(change, of: channel, logger)
                })
        }
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

private final class GivenGuards: Sendable {
    private let byChannel = Mutex<[Channel: GuardedTransport]>([:])

    func of(_ channel: Channel, _ make: () -> GuardedTransport) -> GuardedTransport {
        byChannel.withLock { known in
            if let guarded = known[channel] { return guarded }
            let made = make()
            known[channel] = made
            return made
        }
    }
}

extension Duration {
    fileprivate var metadata: Logger.Metadata { ["provider.pause.ms": .stringConvertible(wholeMilliseconds)] }
}
