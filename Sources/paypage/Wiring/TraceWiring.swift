import Foundation
import Logging
import PayCore
import PayFlow
import PayProviders
import PayTelemetry
import ServiceLifecycle
import Tracing

/// The parts that make and export traces. The exporter has connections of its own, so that a collector that hangs takes
/// none of a provider's.
struct TraceWiring: Service {
    private static let connectTimeout = Duration.seconds(2)
    /// An export at shutdown must end well within the limit of a shutdown.
    private static let totalTimeout = Duration.seconds(5)

    let traces: Traces
    let recent = RecentTraces()
    private let exporter: TraceExporter
    private let transport: CurlTransport
    private let clock: SystemClock

    init(
        _ settings: Settings.Tracing, worker: WorkerID, metrics: PrometheusMetrics, clock: SystemClock, logger: Logger
    ) {
        let transport = CurlTransport(
            limits: .init(connectTimeout: Self.connectTimeout, totalTimeout: Self.totalTimeout, connectionsPerHost: 2))
        let exporter = TraceExporter(
            TracedService(name: "paypage", version: Version.current, instance: worker.text), metrics: metrics,
            logger: logger
        ) { body in
            let request = ProviderRequest(
                method: .post, url: settings.url,
                headers: [Header(name: "Content-Type", value: "application/json")], body: body)
            guard let reply = try? await transport.send(request) else { return false }
            return (200..<300).contains(reply.status)
        }
        TraceExporter.declareMetric(on: metrics)
        self.exporter = exporter
        self.transport = transport
        self.clock = clock
        traces = Traces(
            PayTracer(sample: settings.sample, now: { SystemClock.nanoseconds() }, onEnd: { exporter.add($0) }))
    }

    /// Exports until the service is told to stop.
    func run() async throws {
        await cancelWhenGracefulShutdown { [exporter, clock] in await exporter.run(clock: clock) }
    }

    /// Exports the spans of the work that outlived the server.
    func close() async {
        await exporter.export()
        await transport.close()
    }
}

/// A transport that passes the trace on, in the header `traceparent`.
struct TracingTransport: ProviderTransport {
    private let transport: any ProviderTransport

    init(_ transport: any ProviderTransport) {
        self.transport = transport
    }

    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        guard let place = ServiceContext.current?.spanContext else { return try await transport.send(request) }
        var traced = ProviderRequest(
            method: request.method, url: request.url,
            headers: request.headers + [Header(name: "traceparent", value: place.traceparent)], body: request.body)
        traced.timeLimit = request.timeLimit
        return try await transport.send(traced)
    }
}
