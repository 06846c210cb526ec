public import PayCore
public import PayFlow

/// One provider's transport, that leaves it alone for a while when it doesn't answer, or asks for fewer calls.
public final class GuardedTransport: ProviderTransport {
    private let transport: any ProviderTransport
    private let clock: any PayClock

    public init(_ transport: any ProviderTransport, clock: any PayClock) {
        self.transport = transport
        self.clock = clock
    }

    public func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        try await transport.send(request)
    }

    /// How long the provider is left alone from `now`; nil when it can be called.
    public func pause(at now: Instant) -> Duration? { nil }

    /// The provider said *too often* in an answer whose status doesn't tell (Alipay answers 200).
    public func slowDown() {}
}
