import Synchronization
package import Tracing

/// A span that has ended, for the exporter.
package struct EndedSpan: Sendable {
    let context: SpanContext
    let parent: SpanID?
    let name: String
    let kind: SpanKind
    /// Since 1970, in nanoseconds.
    let startedAt: UInt64
    let endedAt: UInt64
    let attributes: SpanAttributes
    let status: SpanStatus?
    let events: [SpanEvent]
    let links: [SpanContext]
}

/// A span under way. A span of a trace that is not sampled records nothing.
package final class PaySpan: Tracing.Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var status: SpanStatus?
        var events: [SpanEvent] = []
        var links: [SpanContext] = []
        var isOver = false
    }

    package let context: ServiceContext
    private let place: SpanContext
    private let parent: SpanID?
    private let kind: SpanKind
    private let startedAt: UInt64
    private let state: Mutex<State>
    private let onEnd: @Sendable (EndedSpan) -> Void

    init(
        _ name: String, _ kind: SpanKind, in context: ServiceContext, _ place: SpanContext, parent: SpanID?,
        startedAt: UInt64, onEnd: @escaping @Sendable (EndedSpan) -> Void
    ) {
        self.context = context
        self.place = place
        self.parent = parent
        self.kind = kind
        self.startedAt = startedAt
        self.onEnd = onEnd
        state = Mutex(State(name: name))
    }

    package var isRecording: Bool { place.isSampled && !state.withLock { $0.isOver } }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { record { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { record { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) { record { $0.status = status } }

    package func addEvent(_ event: SpanEvent) { record { $0.events.append(event) } }

    /// Records the type of the error, and not its text, which may contain a secret.
    package func recordError<Moment: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Moment
    ) {
        var attributes = attributes
        attributes["exception.type"] = String(describing: type(of: error))
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    package func addLink(_ link: SpanLink) {
        guard let place = link.context.spanContext else { return }
        record { $0.links.append(place) }
    }

    package func end<Moment: TracerInstant>(at instant: @autoclosure () -> Moment) {
        end(at: instant().nanosecondsSinceEpoch)
    }

    /// Ends the span. Later changes and ends have no effect.
    func end(at instant: UInt64) {
        guard place.isSampled else { return }
        let ended: State? = state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            return state
        }
        guard let ended else { return }
        onEnd(
            EndedSpan(
                context: place, parent: parent, name: ended.name, kind: kind, startedAt: startedAt,
                endedAt: max(startedAt, instant), attributes: ended.attributes, status: ended.status,
                events: ended.events, links: ended.links))
    }

    /// Ends the span without a record: it was about nothing.
    func discard() { state.withLock { $0.isOver = true } }

    private func record(_ change: (inout State) -> Void) {
        guard place.isSampled else { return }
        state.withLock { if !$0.isOver { change(&$0) } }
    }
}
