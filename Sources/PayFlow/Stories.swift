/// Every flow that people and providers ask for, sharing one turnstile, so that pay and close of one order never run
/// beside each other in this process.
public struct Stories: Sendable {
    let parts: FlowParts
    let turnstile = Turnstile()

    public init(_ parts: FlowParts) {
        self.parts = parts
    }

    /// Returns when no pay call or close is under way any more.
    public func drain() async {
        await turnstile.drain()
    }
}
