import Foundation
public import PayCore

/// Sends the event `webhook.test` to an endpoint, once, and returns the endpoint's answer.
public struct TestEndpoint: Sendable {
    private let tester: any EndpointTester
    private let log: any AuditLog
    private let clock: any PayClock

    public init(_ tester: any EndpointTester, audit log: any AuditLog, clock: any PayClock) {
        self.tester = tester
        self.log = log
        self.clock = clock
    }

    /// The names of the configured endpoints.
    public var names: [EndpointName] { tester.endpointNames }

    /// Nil if the endpoint is not configured. The audit has an entry before the message is sent.
    public func callAsFunction(_ endpoint: EndpointName, by actor: Actor) async throws -> EndpointTestResult? {
        guard names.contains(endpoint) else { return nil }
        let (now, began) = (clock.now(), clock.uptime())
        try await log.audit(AuditNote(actor, .webhookTested, on: endpoint.text), at: now)
        let messageID = "test_\(UUID().uuidString.lowercased())"
        let reply = await tester.sendTest(messageID, to: endpoint, at: now)
        return EndpointTestResult(
            endpoint: endpoint, messageID: messageID, took: clock.uptime() - began, reply: reply)
    }
}

/// The answer of an endpoint to a test.
public struct EndpointTestResult: Hashable, Sendable {
    public let endpoint: EndpointName
    public let messageID: String
    public let took: Duration
    public let reply: DeliveryReply

    public init(endpoint: EndpointName, messageID: String, took: Duration, reply: DeliveryReply) {
        self.endpoint = endpoint
        self.messageID = messageID
        self.took = took
        self.reply = reply
    }
}
