package import PayCore
package import PayFlow
import Tracing

/// The merchant's endpoints, each call of which is a span in the trace of its cause. Every log line of a delivery has its
/// order's number.
package struct TracedReceiver: EventReceiver {
    private let receiver: any EventReceiver
    private let traces: Traces
    private let recent: RecentTraces

    package init(_ receiver: any EventReceiver, _ traces: Traces, recent: RecentTraces) {
        self.receiver = receiver
        self.traces = traces
        self.recent = recent
    }

    package func deliver(_ message: EventMessage, to endpoint: EndpointName) async -> DeliveryReply {
        let number = message.order.number
        var context = ServiceContext.current ?? .topLevel
        context.orderNumber = number
        if let place = recent.place(of: number) { context.spanContext = place }
        let attributes: SpanAttributes = [
            "order.no": .string(number.text), "event.id": .string(message.id.description),
            "event.type": .string(message.event.kind.rawValue), "webhook.endpoint": .string(endpoint.text),
        ]
        return await ServiceContext.$current.withValue(context) {
            await traces.span("webhook.deliver", .client, attributes) { span in
                let reply = await receiver.deliver(message, to: endpoint)
                if reply.answer != .accepted { span?.fail("not_acknowledged") }
                return reply
            }
        }
    }
}
