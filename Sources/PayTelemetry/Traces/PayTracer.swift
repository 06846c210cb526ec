package import Tracing

/// Makes the spans of this process, and passes ended spans of sampled traces to an exporter.
package struct PayTracer: Tracer {
    private let sample: Double
    private let now: @Sendable () -> UInt64
    private let onEnd: @Sendable (EndedSpan) -> Void

    /// - Parameters:
    ///   - sample: the share of the traces that begin here and are recorded, 0 to 1. A trace that another service began
    ///     is recorded if that service says so.
    ///   - now: the time since 1970, in nanoseconds.
    package init(
        sample: Double, now: @escaping @Sendable () -> UInt64, onEnd: @escaping @Sendable (EndedSpan) -> Void
    ) {
        self.sample = sample
        self.now = now
        self.onEnd = onEnd
    }

    package func startSpan<Moment: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Moment, function: String, file fileID: String, line: UInt
    ) -> PaySpan {
        start(operationName, kind, in: context(), at: instant().nanosecondsSinceEpoch)
    }

    /// Starts a span at the tracer's own time.
    func start(_ name: String, _ kind: SpanKind, in context: ServiceContext) -> PaySpan {
        start(name, kind, in: context, at: now())
    }

    /// Ends the span at the tracer's own time.
    func end(_ span: PaySpan) { span.end(at: now()) }

    private func start(_ name: String, _ kind: SpanKind, in outer: ServiceContext, at instant: UInt64) -> PaySpan {
        let parent = outer.spanContext
        let traceID = parent?.traceID ?? TraceID()
        let place = SpanContext(traceID, SpanID(), isSampled: parent?.isSampled ?? isChosen(traceID))
        var context = outer
        context.spanContext = place
        return PaySpan(name, kind, in: context, place, parent: parent?.id, startedAt: instant, onEnd: onEnd)
    }

    /// Decides by the id, so that every process decides alike.
    private func isChosen(_ traceID: TraceID) -> Bool {
        Double(traceID.low >> 11) < sample * Double(1 << 53 as UInt64)
    }

    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "traceparent", from: carrier) else { return }
        if let place = SpanContext(traceparent: text) { context.spanContext = place }
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let place = context.spanContext else { return }
        injector.inject(place.traceparent, forKey: "traceparent", into: &carrier)
    }
}
