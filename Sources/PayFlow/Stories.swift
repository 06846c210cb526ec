/// Every flow for callers and providers. The flows share one turnstile, so that pay and close of one order never run at
/// the same time in this process.
public struct Stories: Sendable {
    let parts: FlowParts
    let turnstile = Turnstile()

    public init(_ parts: FlowParts) {
        self.parts = parts
    }

    /// Returns when no pay call and no close is in progress.
    public func drain() async {
        await turnstile.drain()
    }
}
