import HTTPTypes
package import Hummingbird
import Metrics
package import PayTelemetry

/// Gives each request an id, which every log line of its work has. Writes its access log line, measures its duration, and
/// traces it. The log and the trace have the path's template instead of the path, which may hold a checkout token.
package struct AccessLogMiddleware: RouterMiddleware {
    private let log: AccessLog
    private let traces: Traces

    package init(log: AccessLog, traces: Traces = .off) {
        self.log = log
        self.traces = traces
    }

    package func handle(
        _ request: Request, context: PayRequestContext, next: (Request, PayRequestContext) async throws -> Response
    ) async throws -> Response {
        let began = ContinuousClock.now
        var context = context
        if let given = request.headers[.requestID].flatMap(RequestIdentifier.init(given:)) { context.requestID = given }
        let called = context
        let isTraced = !AccessLog.polledRoutes.contains(request.uri.path)
        var response = try await traces.request(
            called.requestID, traceparent: request.headers[.traceparent], isTraced: isTraced
        ) { span in
            let response = try await next(request, called)
            span?.answered(
                method: request.method.rawValue, route: called.endpointPath ?? "none", status: response.status.code)
            return response
        }
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
