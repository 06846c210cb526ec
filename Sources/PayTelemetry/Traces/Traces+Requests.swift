package import PayCore
import Tracing

extension Traces {
    /// Runs the work of a request. Every log line of the work has the id.
    ///
    /// - Parameters:
    ///   - traceparent: the caller's header of this name. The request's span continues the caller's trace.
    ///   - isTraced: false for polling, which would hide the other traces.
    package func request<Value>(
        _ id: RequestIdentifier, traceparent: @autoclosure () -> String?, isTraced: Bool,
        isolation: isolated (any Actor)? = #isolation, _ body: (_ span: PaySpan?) async throws -> Value
    ) async rethrows -> Value {
        var context = ServiceContext.topLevel
        context.requestID = id
        guard isOn, isTraced else {
            return try await ServiceContext.$current.withValue(context) { try await body(nil) }
        }
        context.spanContext = traceparent().flatMap(SpanContext.init(traceparent:))
        return try await span("request", .server, ["request.id": .string(id.description)], in: context, body)
    }

    /// Runs a use case for an order.
    package func flow<Value>(
        _ name: String, of number: OrderNumber?, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        try await span(name, .internal, number.map { ["order.no": .string($0.text)] } ?? [:]) { _ in try await body() }
    }
}

extension PaySpan {
    /// Names the span of a request after its answer. `route` is the path's template: the path may hold a token.
    package func answered(method: String, route: String, status: Int) {
        let method = AnsweredRequest.countedMethod(method)
        operationName = "\(method) \(route)"
        attributes["http.request.method"] = method
        attributes["http.route"] = route
        attributes["http.response.status_code"] = status
        if status >= 500 { setStatus(SpanStatus(code: .error)) }
    }
}
