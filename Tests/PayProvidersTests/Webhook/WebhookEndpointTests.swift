import Logging
import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

@Suite(.timeLimit(.minutes(2))) struct WebhookEndpointTests {
    private static let secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo"]
    private let clock = HandMovedClock()

    private func endpoint(_ name: EndpointName, _ url: String, _ secrets: [String] = secrets) throws -> WebhookEndpoint
    {
        WebhookEndpoint(
            name: name, url: url, signers: try secrets.map { try #require(WebhookSigner(secret: Secret($0))) })
    }

    private func receiver(_ endpoints: [WebhookEndpoint], _ transport: CurlTransport) -> WebhookReceiver {
        WebhookReceiver(
            endpoints, transport: transport, clock: clock, logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    }

    private func server(_ status: String, body: String = "") -> LoopbackServer {
        LoopbackServer { conversation in
            while conversation.read() != nil { conversation.answer(Array(body.utf8), status: status) }
        }
    }

    @Test func `a webhook has a signature of each secret, and a receiver with any of them accepts it`() async throws {
        let server = server("204 No Content")
        try await withTransport { transport in
            let endpoints = [try endpoint(.standard, server.url)]
            #expect(await receiver(endpoints, transport).deliver(Message.paid, to: .standard).answer == .accepted)
            let request = try #require(server.requests.first)
            let signatures = try #require(request.header("webhook-signature"))
            #expect(signatures.split(separator: " ").count == 2)
            for secret in Self.secrets {
                #expect(
                    WebhookVerifier(secret: secret).accepts(
                        id: request.header("webhook-id") ?? "", timestamp: request.header("webhook-timestamp") ?? "",
                        signatures: signatures, body: request.body))
            }
        }
    }

    @Test func `a message goes to the named endpoint alone`() async throws {
        let (first, second) = (server("200 OK"), server("200 OK"))
        let books = try #require(EndpointName("books"))
        try await withTransport { transport in
            let endpoints = [try endpoint(.standard, first.url), try endpoint(books, second.url)]
            #expect(await receiver(endpoints, transport).deliver(Message.paid, to: books).answer == .accepted)
            #expect(first.requests.isEmpty && second.requests.count == 1)
            let gone = await receiver([endpoints[0]], transport).deliver(Message.paid, to: books)
            #expect(gone == DeliveryReply(.unanswered(reason: "the endpoint is not configured")))
        }
    }

    @Test func `a test event is signed, and tells the endpoint's answer`() async throws {
        let server = server("404 Not Found", body: "no such\u{1B}[31m page")
        try await withTransport { transport in
            let receiver = receiver([try endpoint(.standard, server.url)], transport)
            #expect(receiver.endpointNames == [.standard])
            let reply = await receiver.sendTest("test_1", to: .standard, at: clock.now())
            #expect(reply == DeliveryReply(.refused(status: 404), status: 404, excerpt: "no such [31m page"))
            let request = try #require(server.requests.first)
            #expect(request.header("webhook-id") == "test_1" && request.header("webhook-signature") != nil)
            let body = String(decoding: request.body, as: UTF8.self)
            #expect(body.hasPrefix(#"{"data":{"endpoint":"default"},"timestamp":""#))
            #expect(body.hasSuffix(#","type":"webhook.test"}"#))
        }
    }

    @Test(arguments: [
        ("", nil), (" \n\t", nil), ("ok", "ok"), ("a\u{0}b\r\n c", "a b c"), ("\u{202E}evil", "evil"),
        ("key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw.", "key whsec_…."),
        (String(repeating: "字", count: 400), String(repeating: "字", count: 300)),
    ])
    func `the beginning of an answer is kept, printable, short and without a secret`(_ body: String, _ kept: String?) {
        #expect(AnswerExcerpt.of(Array(body.utf8)) == kept)
    }

    @Test func `an answer that is no text is kept as far as it can be shown`() {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        let kept = AnswerExcerpt.of(bytes)
        #expect((kept?.count ?? 0) <= AnswerExcerpt.longest)
        #expect(kept?.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } == true)
    }

    @Test(arguments: [
        ("https://shop.example.com/told?key=hush", "https://shop.example.com"),
        ("https://a.example?x", "https://a.example"),
        ("http://[::1]:9000/", "http://[::1]:9000"), ("https://shop.example.com", "https://shop.example.com"),
    ])
    func `the store knows the scheme and host of an endpoint alone`(_ url: String, _ origin: String) throws {
        #expect(try endpoint(.standard, url).entry.origin == origin)
    }
}
