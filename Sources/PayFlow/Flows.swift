/// The flows for callers, providers and the clock. Pay and close share the work in flight, so that they never run for one
/// order at the same time in this process.
public struct Flows: Sendable {
    let parts: FlowParts
    let singleFlight: SingleFlight
    let freshLimit: FreshLimit

    /// The processes that share the store.
    package var nodes: Int { parts.nodes }

    /// The configured channels as buyers see them.
    package var channels: ChannelList { parts.channels }

    /// - Parameter previous: the flows that these replace. They share the work in flight.
    public init(_ parts: FlowParts, replacing previous: Flows? = nil) {
        self.parts = parts
        singleFlight = previous?.singleFlight ?? SingleFlight()
        freshLimit = previous?.freshLimit ?? FreshLimit(nodes: parts.nodes)
    }

    /// Returns when no pay call and no close is in progress.
    public func drain() async {
        await singleFlight.drain()
    }
}
