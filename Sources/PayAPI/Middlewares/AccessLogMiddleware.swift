import HTTPTypes
package import Hummingbird
import Metrics
package import PayTelemetry

/// Gives each request an id, writes its access log line, and measures its duration. The log has the path's template
/// instead of the path, which may hold a checkout token.
package struct AccessLogMiddleware: RouterMiddleware {
    private let log: AccessLog

    package init(log: AccessLog) {
        self.log = log
    }

    package func handle(
        _ request: Request, context: PayRequestContext, next: (Request, PayRequestContext) async throws -> Response
    ) async throws -> Response {
        let began = ContinuousClock.now
        var context = context
        if let given = request.headers[.requestID].flatMap(RequestIdentifier.init(given:)) { context.requestID = given }
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID.description
        note(request, response, context, took: ContinuousClock.now - began)
        return response
    }

    private func note(_ request: Request, _ response: Response, _ context: PayRequestContext, took: Duration) {
        let answered = AnsweredRequest(
            id: context.requestID, method: request.method.rawValue, route: context.endpointPath ?? "none",
            status: response.status.code, took: took)
        answered.recorder.record(took.seconds)
        log.tell(answered)
    }
}
