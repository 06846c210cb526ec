public import PayCore

/// Where the merchant is told. It may be slow, down or lying.
public protocol EventReceiver: Sendable {
    /// Sends a message once, and never takes longer than ``DeliverEvents/sendingTimeout``. The same message is the same
    /// bytes under the same name each time.
    func deliver(_ delivery: Delivery) async -> DeliveryAnswer
}
