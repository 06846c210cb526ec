public import Logging
public import PayCore
public import PayFlow

/// The merchant's endpoints, called with signed HTTP requests.
public struct WebhookReceiver: EventReceiver, EndpointTester {
    private let endpoints: [WebhookEndpoint]
    private let transport: any ProviderTransport
    private let clock: any PayClock
    private let logger: Logger

    /// The transport belongs to this receiver alone, so that a slow endpoint cannot use up a provider's connections. It
    /// follows no redirects. Its total time-out is ``DeliverEvents/sendingTimeout``.
    public init(
        _ endpoints: [WebhookEndpoint], transport: any ProviderTransport, clock: any PayClock, logger: Logger
    ) {
        self.endpoints = endpoints
        self.transport = transport
        self.clock = clock
        self.logger = logger
    }

    public func deliver(_ message: EventMessage, to endpoint: EndpointName) async -> DeliveryReply {
        let reply = await send(WebhookMessage(message).bytes, as: message.messageID, to: endpoint, at: clock.now())
        if reply.answer != .accepted { note(reply.answer, message, endpoint) }
        return reply
    }

    public var endpointNames: [EndpointName] { endpoints.map(\.name) }

    public func sendTest(_ messageID: String, to endpoint: EndpointName, at now: Instant) async -> DeliveryReply {
        await send(TestMessage(to: endpoint, at: now).bytes, as: messageID, to: endpoint, at: now)
    }

    private func send(
        _ body: [UInt8], as messageID: String, to name: EndpointName, at now: Instant
    ) async -> DeliveryReply {
        guard let endpoint = endpoints.first(where: { $0.name == name }) else {
            return DeliveryReply(.unanswered(reason: "the endpoint is not configured"))
        }
        let request = ProviderRequest(
            method: .post, url: endpoint.url,
            headers: [
                Header(name: "Content-Type", value: "application/json"), Header(name: "User-Agent", value: "Paypage"),
            ] + endpoint.signers.headers(of: messageID, body: body, at: now), body: body)
        do throws(TransportError) {
            let reply = try await transport.send(request)
            return DeliveryReply(
                (200..<300).contains(reply.status) ? .accepted : .refused(status: reply.status), status: reply.status,
                excerpt: AnswerExcerpt.of(reply.body))
        } catch {
            return DeliveryReply(.unanswered(reason: "\(error)"))
        }
    }

    /// The URL is not logged, because its path or query may contain a key of the merchant.
    private func note(_ answer: DeliveryAnswer, _ message: EventMessage, _ endpoint: EndpointName) {
        logger.warning(
            "webhook request not accepted",
            metadata: [
                "order.no": "\(message.order.number)", "event.id": "\(message.id)", "webhook.endpoint": "\(endpoint)",
                "delivery.answer": "\(answer.words)",
            ])
    }
}

/// The beginning of an endpoint's answer, for an operator.
enum AnswerExcerpt {
    /// A few characters tell an error page from a proxy's, and a longer text is the receiver's own log.
    static let longest = 300
    /// More bytes are not looked at.
    private static let mostBytes = 2_048

    /// Nil without a printable character. Control characters become spaces. A webhook secret is left out.
    static func of(_ body: [UInt8]) -> String? {
        let text = String(decoding: body.prefix(mostBytes), as: UTF8.self)
            .replacing(/whsec_[A-Za-z0-9+\/=]*/, with: "whsec_…")
        let scalars = text.unicodeScalars.map { isPrintable($0) ? $0 : " " }
        let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        return words.isEmpty ? nil : String(words.prefix(longest))
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
