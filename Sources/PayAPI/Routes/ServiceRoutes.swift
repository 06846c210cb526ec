import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PayCore
import PayFlow
import PayTelemetry

/// The routes for operators and tools: health, readiness, metrics and the OpenAPI document.
struct ServiceRoutes: Sendable {
    let parts: APIParts
    let authenticator: Authenticator
    private let readiness: Readiness

    init(parts: APIParts, authenticator: Authenticator) {
        self.parts = parts
        self.authenticator = authenticator
        readiness = Readiness(parts.ledger)
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/healthz", handlers: [(.get, healthz)]),
            Endpoint(path: "/readyz", handlers: [(.get, readyz)]),
            Endpoint(path: "/metrics", handlers: [(.get, metrics)]),
            Endpoint(path: "/openapi.yaml", handlers: [(.get, openAPI)]),
        ]
    }

    private struct Status: Encodable {
        package let status: String
        var without_channels: [String]?
    }

    @Sendable func healthz(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        JSONAnswer.response(Status(status: "ok"))
    }

    /// Migrations ran before the service started to listen, so only writes can fail now.
    @Sendable func readyz(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        do {
            try await readiness.check(at: parts.clock.now())
        } catch {
            parts.logger.error(
                "readiness check failed, database cannot be written",
                metadata: ["request.id": "\(context.requestID)", "error": "\(error)"])
            let reason = (error as? LedgerUnavailable)?.description
            var problem = Problem(.notReady, reason ?? "the database is not writable")
            problem.retryAfter = LedgerUnavailable.retryAfter
            throw problem
        }
        let without = parts.rules.withoutChannels.map(\.name)
        return JSONAnswer.response(Status(status: "ready", without_channels: without.isEmpty ? nil : without))
    }

    @Sendable func openAPI(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/yaml"],
            body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))
    }

    @Sendable func metrics(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        return Response(
            status: .ok, headers: [.contentType: PrometheusMetrics.contentType],
            body: .init(byteBuffer: ByteBuffer(string: parts.metrics.exposition())))
    }
}
