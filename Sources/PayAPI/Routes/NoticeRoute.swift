import HTTPTypes
import Hummingbird
import NIOCore
import PayAccess
import PayCore
import PayFlow

/// Providers' notices: known by their signature alone.
struct NoticeRoute: Sendable {
    let parts: APIParts
    let limit: RateLimit

    var endpoints: [Endpoint] {
        [Endpoint(path: "/v1/notices/:channel", handlers: [(.post, notice)])]
    }

    @Sendable func notice(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        guard let channel = context.parameters.get("channel").flatMap(Channel.init) else {
            throw Problem(.notFound, "there is no such channel")
        }
        let address = parts.clientAddress(of: request, context)
        // Before any cryptography: a signature costs more to check than to invent.
        if let pause = limit.pause(before: address.network, at: parts.clock.now()) {
            throw Problem.tooOften(retryAfter: pause)
        }
        let raw = RawNotice(
            headers: request.headers.map { .init(name: $0.name.rawName, value: $0.value) },
            body: try await RequestBodies.raw(request))
        guard let reply = await parts.settle(raw, from: channel) else {
            throw Problem(.notFound, "there is no such channel")
        }
        // Anything but 2xx makes every provider send the notice again.
        if let pause = reply.retryAfter { throw Problem.databaseUnavailable(retryAfter: pause) }
        var response = Response(status: .init(code: reply.status))
        // A 204 (WeChat's) has neither a body nor a type of one.
        guard !reply.body.isEmpty else { return response }
        response.headers[.contentType] = reply.contentType
        response.body = .init(byteBuffer: ByteBuffer(string: reply.body))
        return response
    }
}
