import Foundation
import Logging
import PayCore
import ServiceTestSupport
import Synchronization
import Testing
import Tracing

@testable import PayTelemetry

/// Collects ended spans.
final class EndedSpans: Sendable {
    private let ended = Mutex<[EndedSpan]>([])
    private let moment = Mutex<UInt64>(1_795_348_800_000_000_000)

    var all: [EndedSpan] { ended.withLock { $0 } }

    /// A tracer whose clock goes on by a millisecond with each look.
    func traces(sample: Double = 1) -> Traces {
        Traces(
            PayTracer(
                sample: sample,
                now: {
                    self.moment.withLock {
                        $0 += 1_000_000
                        return $0
                    }
                }, onEnd: { span in self.ended.withLock { $0.append(span) } }))
    }
}

@Suite struct TraceTests {
    private struct Broken: Error, CustomStringConvertible { var description: String { "sk_live_secret" } }

    private let ended = EndedSpans()
    private let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func `a traceparent is read and written alike`() throws {
        let place = try #require(SpanContext(traceparent: parent))
        #expect(place.isSampled)
        #expect(place.traceID.text == "0af7651916cd43dd8448eb211c80319c")
        #expect(place.id.text == "b7ad6b7169203331")
        #expect(place.traceparent == parent)
        #expect(SpanContext(traceparent: parent.dropLast(2) + "00")?.isSampled == false)
        #expect(SpanContext(traceparent: "01" + parent.dropFirst(2) + "-more")?.traceID == place.traceID)
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b71692033311-01",
        "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ])
    func `a traceparent of another form is ignored`(_ text: String) {
        #expect(SpanContext(traceparent: text) == nil)
    }

    @Test func `the spans of a request are one trace, which continues the caller's`() async throws {
        let traces = ended.traces(sample: 0)
        await traces.request(RequestIdentifier(given: "shop-1")!, traceparent: parent, isTraced: true) { span in
            await traces.flow("pay", of: OrderNumber("order_1")) {
                // Work that outlives the caller is a task of its own.
                await Task { await traces.span("provider.create", .client) { _ in } }.value
            }
            span?.answered(method: "POST", route: "/v1/payments", status: 201)
        }
        let spans = ended.all
        try #require(spans.map(\.name) == ["provider.create", "pay", "POST /v1/payments"])
        #expect(Set(spans.map(\.context.traceID.text)) == ["0af7651916cd43dd8448eb211c80319c"])
        #expect(spans[0].parent == spans[1].context.id && spans[1].parent == spans[2].context.id)
        #expect(spans[2].parent?.text == "b7ad6b7169203331")
        #expect(spans.map(\.kind) == [.client, .internal, .server])
        #expect(spans.allSatisfy { $0.startedAt < $0.endedAt })
    }

    @Test func `a polling request has no span, and no span is made while tracing is off`() async {
        await ended.traces().request(RequestIdentifier(), traceparent: parent, isTraced: false) { #expect($0 == nil) }
        await Traces.off.request(RequestIdentifier(), traceparent: parent, isTraced: true) { span in
            #expect(span == nil)
            #expect(ServiceContext.current?.spanContext == nil)
        }
        #expect(ended.all.isEmpty)
    }

    @Test func `a trace that is not sampled is recorded by no span of it`() async {
        let traces = ended.traces(sample: 0)
        await traces.span("a") { span in
            #expect(span?.isRecording == false)
            await traces.span("b") { _ in }
        }
        await ended.traces(sample: 1).span("c", in: notSampled) { _ in }
        #expect(ended.all.isEmpty)
    }

    private var notSampled: ServiceContext {
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(traceparent: parent.dropLast(2) + "00")
        return context
    }

    @Test func `about the configured share of the traces is sampled`() async {
        let traces = ended.traces(sample: 0.25)
        for _ in 0..<4_000 { await traces.span("a") { _ in } }
        #expect((800...1_200).contains(ended.all.count))
    }

    @Test func `an error is the status of its span, without its text`() async throws {
        await #expect(throws: Broken.self) { try await ended.traces().span("a") { _ in throw Broken() } }
        let span = try #require(ended.all.first)
        #expect(span.status?.code == .error && span.status?.message == "Broken")
        #expect(
            !String(decoding: try #require(OTLPMessage([span], of: service).bytes), as: UTF8.self).contains("sk_live"))
    }

    @Test func `every log line of a traced request has the ids of the request, the trace and the span`() async {
        let lines = LogLines()
        let logger = Logger(label: "pay") {
            LineLogHandler(label: $0, format: .text, sink: lines, metadataProvider: .work) { Instant(milliseconds: 0) }
        }
        let traces = ended.traces()
        await traces.request(RequestIdentifier(given: "shop-1")!, traceparent: parent, isTraced: true) { _ in
            await Task { logger.warning("provider did not answer") }.value
        }
        logger.warning("clock job failed")
        #expect(lines.all[0].contains("request.id=shop-1 "))
        #expect(lines.all[0].contains(" trace.id=0af7651916cd43dd8448eb211c80319c"))
        #expect(lines.all[0].contains(" span.id=\(ended.all[0].context.id.text) "))
        #expect(lines.all[1].hasSuffix("clock job failed"))
    }

    private let service = TracedService(name: "paypage", version: "0.1.0", instance: "w-1")

    @Test func `a message to the collector is OTLP's JSON to the letter`() async throws {
        let traces = ended.traces()
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(traceparent: parent)
        await traces.span("POST /v1/payments", .server, in: context) { span in
            span?.attributes["http.response.status_code"] = 500
            span?.attributes["order.no"] = "order_1"
            span?.attributes["share"] = 0.5
            span?.attributes["is.fresh"] = true
            span?.fail("Broken")
        }
        let id = try #require(ended.all.first?.context.id.text)
        let bytes = try #require(OTLPMessage(ended.all, of: service).bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"resourceSpans":[{"resource":{"attributes":["#
                + #"{"key":"service.name","value":{"stringValue":"paypage"}},"#
                + #"{"key":"service.version","value":{"stringValue":"0.1.0"}},"#
                + #"{"key":"service.instance.id","value":{"stringValue":"w-1"}}]},"#
                + #""scopeSpans":[{"scope":{"name":"paypage","version":"0.1.0"},"spans":[{"attributes":["#
                + #"{"key":"error.type","value":{"stringValue":"Broken"}},"#
                + #"{"key":"http.response.status_code","value":{"intValue":"500"}},"#
                + #"{"key":"is.fresh","value":{"boolValue":true}},"#
                + #"{"key":"order.no","value":{"stringValue":"order_1"}},"#
                + #"{"key":"share","value":{"doubleValue":0.5}}],"#
                + #""endTimeUnixNano":"1795348800002000000","kind":2,"name":"POST /v1/payments","#
                + #""parentSpanId":"b7ad6b7169203331","spanId":"\#(id)","startTimeUnixNano":"1795348800001000000","#
                + #""status":{"code":2,"message":"Broken"},"traceId":"0af7651916cd43dd8448eb211c80319c"}]}]}]}"#)
    }
}

@Suite struct TraceExporterTests {
    private let metrics = PrometheusMetrics()
    private let lines = LogLines()
    private let ended = EndedSpans()

    private func exporter(_ send: @escaping @Sendable ([UInt8]) async -> Bool) -> TraceExporter {
        TraceExporter.declareMetric(on: metrics)
        let logger = Logger(label: "pay") { [lines] in
            LineLogHandler(label: $0, format: .text, sink: lines) { Instant(milliseconds: 0) }
        }
        return TraceExporter(
            TracedService(name: "paypage", version: "1", instance: "w"), metrics: metrics, logger: logger, send: send)
    }

    private func span() async throws -> EndedSpan {
        await ended.traces().span("a") { _ in }
        return try #require(ended.all.first)
    }

    private func count(_ outcome: String) -> Int? {
        let name = "paypage_trace_spans_total{outcome=\"\(outcome)\"} "
        return metrics.exposition().split(separator: "\n").first { $0.hasPrefix(name) }
            .flatMap { Int($0.dropFirst(name.count)) }
    }

    @Test func `spans are sent in messages of a limited size`() async throws {
        let sizes = Mutex<[Int]>([])
        let exporter = exporter { body in
            sizes.withLock { $0.append(String(decoding: body, as: UTF8.self).matches(of: /"spanId"/).count) }
            return true
        }
        let span = try await span()
        for _ in 0..<(TraceExporter.mostPerMessage + 3) { exporter.add(span) }
        await exporter.export()
        #expect(sizes.withLock { $0 } == [TraceExporter.mostPerMessage, 3])
        #expect(count("exported") == TraceExporter.mostPerMessage + 3)
    }

    @Test func `spans beyond the limit of the queue are dropped and counted`() async throws {
        let exporter = exporter { _ in true }
        let span = try await span()
        for _ in 0..<(TraceExporter.mostQueued + 5) { exporter.add(span) }
        #expect(count("dropped") == 5)
    }

    @Test func `a collector that fails costs one batch at a time, and is logged once`() async throws {
        let isUp = Mutex(false)
        let exporter = exporter { _ in isUp.withLock { $0 } }
        let span = try await span()
        for _ in 0..<2 {
            for _ in 0..<(TraceExporter.mostPerMessage + 1) { exporter.add(span) }
            await exporter.export()
        }
        #expect(count("failed") == 2 * TraceExporter.mostPerMessage)
        isUp.withLock { $0 = true }
        await exporter.export()
        #expect(count("exported") == 2)
        #expect(
            lines.all.map { $0.split(separator: ": ").last.map(String.init) } == [
                "trace export failed, spans are lost", "trace export works again",
            ])
    }
}
