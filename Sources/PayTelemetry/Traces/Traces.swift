package import Tracing

/// Records the spans of work. Costs nothing while it is off.
package struct Traces: Sendable {
    package static let off = Traces(nil)

    package let tracer: PayTracer?
    package var isOn: Bool { tracer != nil }

    package init(_ tracer: PayTracer?) {
        self.tracer = tracer
    }

    /// Runs the body as a span within the current one. `span` is nil while tracing is off.
    ///
    /// An error that the body throws is the span's status. Its text is not recorded, because it may contain a secret.
    package func span<Value>(
        _ name: String, _ kind: SpanKind = .internal, _ attributes: @autoclosure () -> SpanAttributes = [:],
        in context: @autoclosure () -> ServiceContext = .current ?? .topLevel,
        isolation: isolated (any Actor)? = #isolation, _ body: (_ span: PaySpan?) async throws -> Value
    ) async rethrows -> Value {
        guard let tracer else { return try await body(nil) }
        let span = tracer.start(name, kind, in: context())
        if span.isRecording { span.attributes = attributes() }
        defer { tracer.end(span) }
        return try await ServiceContext.$current.withValue(span.context) {
            do {
                return try await body(span)
            } catch {
                span.fail(String(describing: type(of: error)))
                throw error
            }
        }
    }
}

extension PaySpan {
    /// Sets an error's name as the status.
    package func fail(_ name: String) {
        setStatus(SpanStatus(code: .error, message: name))
        attributes["error.type"] = name
    }
}
