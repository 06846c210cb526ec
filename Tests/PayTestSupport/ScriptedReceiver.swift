public import PayCore
public import PayFlow
import Synchronization

/// A merchant that answers by a test's script, and records every webhook. It accepts any webhook beyond the script.
public final class ScriptedReceiver: EventReceiver {
    fileprivate struct Line: Sendable {
        let order: OrderNumber?
        let hold: Hold?
        let answer: DeliveryAnswer
    }

    fileprivate struct State {
        var sent: [EventMessage] = []
        var lines: [Line] = []
        var standing: @Sendable (EventMessage) -> DeliveryAnswer = { _ in .accepted }
        var inFlight: [OrderNumber: Int] = [:]
        var mostInFlight = 0
        var overlapped = false
    }

    private let state = Mutex(State())

    public init() {}

    /// Every received webhook, in order, with repetitions.
    public var sent: [EventMessage] { state.withLock { $0.sent } }

    /// The most webhooks in flight at the same time.
    public var mostInFlight: Int { state.withLock { $0.mostInFlight } }

    /// Whether two webhooks of one order were ever in flight at the same time.
    public var overlapped: Bool { state.withLock { $0.overlapped } }

    /// The next webhooks get these answers, one each.
    public func willAnswer(_ answers: DeliveryAnswer...) {
        state.withLock { state in
            for answer in answers { state.lines.append(Line(order: nil, hold: nil, answer: answer)) }
        }
    }

    /// The next webhook, or the next of the given order, is held until the test releases it.
    public func willHold(_ order: OrderNumber? = nil, then answer: DeliveryAnswer = .accepted) -> Hold {
        let hold = Hold()
        state.withLock { $0.lines.append(Line(order: order, hold: hold, answer: answer)) }
        return hold
    }

    /// Every webhook beyond the script gets this answer.
    public func alwaysAnswers(_ answer: @escaping @Sendable (EventMessage) -> DeliveryAnswer) {
        state.withLock { $0.standing = answer }
    }

    public func deliver(_ message: EventMessage, to endpoint: EndpointName) async -> DeliveryReply {
        let order = message.order.number
        let line = state.withLock { $0.begin(message) }
        await line.hold?.stop()
        state.withLock { $0.inFlight[order, default: 1] -= 1 }
        return DeliveryReply(line.answer)
    }
}

extension ScriptedReceiver.State {
    fileprivate mutating func begin(_ message: EventMessage) -> ScriptedReceiver.Line {
        let order = message.order.number
        sent.append(message)
        inFlight[order, default: 0] += 1
        overlapped = overlapped || inFlight[order, default: 0] > 1
        mostInFlight = max(mostInFlight, inFlight.values.reduce(0, +))
        guard let index = lines.firstIndex(where: { $0.order == nil || $0.order == order }) else {
            return ScriptedReceiver.Line(order: nil, hold: nil, answer: standing(message))
        }
        return lines.remove(at: index)
    }
}
