public import Logging
public import PayCore
public import PayFlow

/// The merchant's endpoint, called with signed HTTP requests.
public struct WebhookReceiver: EventReceiver {
    private let url: String
    private let signer: WebhookSigner
    private let transport: any ProviderTransport
    private let clock: any PayClock
    private let logger: Logger

    /// The transport belongs to this receiver alone, so that a slow endpoint cannot use up a provider's connections. It
    /// follows no redirects. Its total time-out is ``DeliverEvents/sendingTimeout``.
    public init(
        url: String, signer: WebhookSigner, transport: any ProviderTransport, clock: any PayClock, logger: Logger
    ) {
        self.url = url
        self.signer = signer
        self.transport = transport
        self.clock = clock
        self.logger = logger
    }

    public func deliver(_ delivery: Delivery) async -> DeliveryAnswer {
        let body = WebhookMessage(delivery).bytes
        let request = ProviderRequest(
            method: .post, url: url,
            headers: [
                Header(name: "Content-Type", value: "application/json"), Header(name: "User-Agent", value: "Paypage"),
            ] + signer.headers(of: delivery.messageID, body: body, at: clock.now()), body: body)
        let answer = await send(request)
        if answer != .accepted { note(answer, delivery) }
        return answer
    }

    private func send(_ request: ProviderRequest) async -> DeliveryAnswer {
        do throws(TransportError) {
            let reply = try await transport.send(request)
            return (200..<300).contains(reply.status) ? .accepted : .refused(status: reply.status)
        } catch {
            return .unanswered(reason: "\(error)")
        }
    }

    /// The URL is not logged, because its path or query may contain a key of the merchant.
    private func note(_ answer: DeliveryAnswer, _ delivery: Delivery) {
        logger.warning(
            "webhook request not accepted",
            metadata: [
                "order.no": "\(delivery.order.number)", "delivery.id": "\(delivery.id)",
                "delivery.answer": "\(answer.words)",
            ])
    }
}
