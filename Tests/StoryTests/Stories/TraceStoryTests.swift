import Foundation
import PayProviders
import ProviderFakes
import Testing

/// Traces, as a collector gets them.
@Suite(.serialized, .timeLimit(.minutes(4))) struct TraceStoryTests {
    /// OTLP's JSON, as far as the tests read it.
    private struct Message: Decodable {
        struct Resource: Decodable { let scopeSpans: [Scope] }
        struct Scope: Decodable { let spans: [Span] }
        struct Value: Decodable {
            let stringValue: String?
            let intValue: String?
        }
        struct Attribute: Decodable {
            let key: String
            let value: Value
        }
        struct Span: Decodable {
            let traceId: String
            let spanId: String
            let parentSpanId: String?
            let name: String
            let kind: Int
            let attributes: [Attribute]

            func text(_ key: String) -> String? { attributes.first { $0.key == key }?.value.stringValue }
        }

        let resourceSpans: [Resource]
    }

    private static let body = #"""
        {"out_trade_no":"traced","user_id":"u1","amount":9900,"currency":"CNY","subject":"A book","channel":"sandbox",\#
        "terminal":"pc"}
        """#
    private static let traceID = "0af7651916cd43dd8448eb211c80319c"

    private func spans(at collector: FakeServer) throws -> [Message.Span] {
        try collector.requests.flatMap { request in
            #expect(request.method == "POST" && request.path == "/v1/traces")
            #expect(request.header("Content-Type") == "application/json")
            return try JSONDecoder().decode(Message.self, from: Data(request.body)).resourceSpans
                .flatMap { $0.scopeSpans.flatMap(\.spans) }
        }
    }

    private func withCollector(_ body: (FakeServer) async throws -> Void) async throws {
        let collector = FakeServer()
        try await collector.start { _ in .answer(200, "application/json", "{}") }
        do { try await body(collector) } catch {
            await collector.stop()
            throw error
        }
        await collector.stop()
    }

    @Test func `a pay call is one trace from the request over the commits to the provider, and goes on to the webhook`()
        async throws
    {
        let shop = try Shop()
        try await withCollector { collector in
            let tracing = ["PAYPAGE_TRACING_ENDPOINT": collector.baseURL, "PAYPAGE_TRACING_SAMPLE": "1"]
            try await Story.run(shop.settings.merging(tracing) { $1 }) { _, sandbox, service in
                let paid = try await service.client.send(
                    .post, "/v1/payments",
                    headers: [
                        Header(name: "Authorization", value: "Bearer \(service.apiKey)"),
                        Header(name: "Idempotency-Key", value: "key-1"),
                        Header(name: "traceparent", value: "00-\(Self.traceID)-b7ad6b7169203331-01"),
                    ], json: Self.body)
                #expect(paid.status == 201)
                try await sandbox.pay("traced_1")
                let message = try #require(try await shop.messages(1).first)
                service.process.signal(SIGTERM)
                #expect(try await service.process.waitForEnd() == .exited(0))

                let all = try spans(at: collector)
                let pay = all.filter { $0.traceId == Self.traceID }
                #expect(
                    Set(pay.map(\.name)).isSuperset(of: ["POST /v1/payments", "pay", "order.update", "provider.create"])
                )
                let root = try #require(pay.first { $0.name == "POST /v1/payments" })
                #expect(root.parentSpanId == "b7ad6b7169203331" && root.kind == 2)
                let flow = try #require(pay.first { $0.name == "pay" })
                #expect(flow.parentSpanId == root.spanId && flow.text("order.no") == "traced")
                for span in pay where ["order.update", "provider.create"].contains(span.name) {
                    #expect(span.parentSpanId == flow.spanId)
                }
                let call = try #require(pay.first { $0.name == "provider.create" })
                #expect(call.kind == 3 && call.text("trade.no") == "traced_1")

                let notice = try #require(all.first { $0.name == "notice.record" })
                let settle = try #require(all.first { $0.spanId == notice.parentSpanId })
                #expect(settle.name == "settle")
                let delivery = try #require(all.first { $0.name == "webhook.deliver" })
                #expect(delivery.traceId == notice.traceId && delivery.parentSpanId == notice.spanId)
                #expect(message.header("traceparent") == "00-\(delivery.traceId)-\(delivery.spanId)-01")

                let sent = collector.requests.map(\.text).joined()
                for secret in [service.apiKey, Story.tokenSecret, Shop.secret, "u1", "<html", "openid"] {
                    #expect(!sent.contains("\"\(secret)") && !sent.contains(secret + "\""), "\(secret)")
                }
            }
        }
    }

    @Test func `a collector that does not answer holds up no call and no stop`() async throws {
        let tracing = ["PAYPAGE_TRACING_ENDPOINT": "http://127.0.0.1:1", "PAYPAGE_TRACING_SAMPLE": "1"]
        try await Story.run(tracing) { _, _, service in
            #expect(try await service.firstPay("untraced").status == 201)
            try await poll("the loss is counted") {
                let metrics = try await service.call(.get, "/metrics").text
                return metrics.contains(#/paypage_trace_spans_total\{outcome="failed"\} [1-9]/#) ? () : nil
            }
            service.process.signal(SIGTERM)
            #expect(try await service.process.waitForEnd() == .exited(0))
            let lines = try await service.process.errors.all()
            #expect(lines.count { $0.contains("trace export failed, spans are lost") } == 1)
        }
    }
}
