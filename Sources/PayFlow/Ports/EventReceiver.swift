public import PayCore

/// The merchant's webhook endpoint. It may be slow, down or lying.
public protocol EventReceiver: Sendable {
    /// Sends a message once, within ``DeliverEvents/sendingTimeout``. A repeated message has the same bytes and the
    /// same id.
    func deliver(_ delivery: Delivery) async -> DeliveryAnswer
}
