import HTTPTypes
import Hummingbird
import NIOCore
import PayAccess
import PayCore
import PayFlow
import PayTelemetry

/// Receives the providers' notices, which are authenticated by their signatures.
struct NoticeRoute: Sendable {
    let parts: APIParts
    let limit: RateLimit

    var endpoints: [Endpoint] {
        [Endpoint(path: "/v1/notices/:channel", handlers: [(.post, notice)])]
    }

    @Sendable func notice(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        guard let channel = context.parameters.get("channel").flatMap(Channel.init) else {
            throw Problem(.notFound, "the channel does not exist or takes no notices")
        }
        let address = parts.clientAddress(of: request, context)
        // The rate limit comes before any cryptography, because verifying a signature costs more than inventing one.
        if let pause = limit.pause(before: address.network, at: parts.clock.now()) {
            throw Problem.tooOften(retryAfter: pause)
        }
        let raw = RawNotice(
            headers: request.headers.map { .init(name: $0.name.rawName, value: $0.value) },
            body: try await RequestBodies.raw(request))
        guard let reply = await parts.traces.flow("settle", of: nil, { await parts.settle(raw, from: channel) }) else {
            throw Problem(.notFound, "the channel does not exist or takes no notices")
        }
        // Any status but 2xx makes the provider resend the notice.
        if let pause = reply.retryAfter { throw Problem.databaseUnavailable(retryAfter: pause) }
        var response = Response(status: .init(code: reply.status))
        // A 204 (WeChat's) has neither a body nor a content type.
        guard !reply.body.isEmpty else { return response }
        response.headers[.contentType] = reply.contentType
        response.body = .init(byteBuffer: ByteBuffer(string: reply.body))
        return response
    }
}
