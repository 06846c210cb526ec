package import Logging
package import PayCore
package import Tracing

/// The keys of a task's context. The context passes from a request or a job to all of its work.
private enum RequestIDKey: ServiceContextKey {
    typealias Value = RequestIdentifier
    static let nameOverride: String? = "request.id"
}

private enum OrderNumberKey: ServiceContextKey {
    typealias Value = OrderNumber
    static let nameOverride: String? = "order.no"
}

extension ServiceContext {
    /// The id of the request whose work this is.
    package var requestID: RequestIdentifier? {
        get { self[RequestIDKey.self] }
        set { self[RequestIDKey.self] = newValue }
    }

    /// The order whose work this is, where no request names it: the delivery of a webhook.
    package var orderNumber: OrderNumber? {
        get { self[OrderNumberKey.self] }
        set { self[OrderNumberKey.self] = newValue }
    }

    /// Runs the body with a changed copy of the current context.
    package static func with<Value>(
        _ change: (inout ServiceContext) -> Void, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        var context = ServiceContext.current ?? .topLevel
        change(&context)
        return try await $current.withValue(context) { try await body() }
    }
}

extension Logger.MetadataProvider {
    /// Adds what a line's work belongs to: `request.id`, `order.no`, and `trace.id` with `span.id` when it is traced.
    package static let work = Logger.MetadataProvider {
        guard let context = ServiceContext.current else { return [:] }
        var metadata: Logger.Metadata = [:]
        if let id = context.requestID { metadata["request.id"] = .string(id.description) }
        if let number = context.orderNumber { metadata["order.no"] = .string(number.text) }
        if let span = context.spanContext, span.isSampled {
            metadata["trace.id"] = .string(span.traceID.text)
            metadata["span.id"] = .string(span.id.text)
        }
        return metadata
    }
}
