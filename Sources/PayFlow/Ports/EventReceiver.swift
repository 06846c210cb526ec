public import PayCore

/// The merchant's webhook endpoints. Each may be slow, down or lying.
public protocol EventReceiver: Sendable {
    /// Sends a message once, within ``DeliverEvents/sendingTimeout``. A repeated message has the same bytes and the
    /// same id.
    func deliver(_ message: EventMessage, to endpoint: EndpointName) async -> DeliveryReply
}

/// Sends a message of no order, to try out an endpoint.
public protocol EndpointTester: Sendable {
    /// The names of the configured endpoints.
    var endpointNames: [EndpointName] { get }

    /// Sends the event `webhook.test` once, within ``DeliverEvents/sendingTimeout``.
    ///
    /// - Parameter messageID: the merchant's identifier for the message.
    func sendTest(_ messageID: String, to endpoint: EndpointName, at now: Instant) async -> DeliveryReply
}
