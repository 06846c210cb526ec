package import PayCore
import Synchronization
import Tracing

/// The spans of the last commits by order, so that the delivery of a webhook continues the trace of its cause. Of this
/// process alone, and the latest alone.
package final class RecentTraces: Sendable {
    /// A webhook is usually delivered within seconds. An entry takes about 100 bytes.
    static let most = 4_096

    private struct State {
        var places: [OrderNumber: SpanContext] = [:]
        /// The same orders in the order of their arrival, as a ring.
        var arrivals: [OrderNumber] = []
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Notes the span as the last one about the order. A span that is not recorded is not noted.
    package func note(_ span: PaySpan?, of number: OrderNumber) {
        guard let span, span.isRecording, let place = span.context.spanContext else { return }
        state.withLock { state in
            guard state.places.updateValue(place, forKey: number) == nil else { return }
            guard state.arrivals.count == Self.most else { return state.arrivals.append(number) }
            state.places[state.arrivals[state.next]] = nil
            state.arrivals[state.next] = number
            state.next = (state.next + 1) % Self.most
        }
    }

    package func place(of number: OrderNumber) -> SpanContext? {
        state.withLock { $0.places[number] }
    }
}
