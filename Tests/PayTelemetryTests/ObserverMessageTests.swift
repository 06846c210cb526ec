import Logging
import PayCore
import PayFlow
import ServiceTestSupport
import Testing

@testable import PayTelemetry

/// Each log message names its outcome, so that a search for a failure finds no success.
@Suite struct ObserverMessageTests {
    private static let order = OrderNumber("order_1")!
    private static let trade = TradeNumber(order: order, sequence: 1)
    private static let channel = Channel("sandbox")!

    private func line(_ observation: Observation) -> String {
        let lines = LogLines()
        let logger = Logger(label: "paypage") {
            LineLogHandler(label: $0, format: .text, sink: lines) { Instant(milliseconds: 0) }
        }
        FlowTelemetry(logger: logger).saw(observation)
        return lines.all.joined()
    }

    @Test(arguments: [
        (DeliveryOutcome.delivered, "webhook delivery succeeded", "info"),
        (.failed, "webhook delivery failed", "warning"),
        (.parked, "webhook delivery parked", "warning"),
    ]) func `the message of a webhook delivery names its outcome`(
        outcome: DeliveryOutcome, message: String, level: String
    ) {
        let line = line(.delivery(outcome, Self.order, to: .standard))
        #expect(line.contains(message) && line.lowercased().contains(level), "\(line)")
        for other in ["delivery succeeded", "delivery failed", "delivery parked"] where !message.hasSuffix(other) {
            #expect(!line.contains(other))
        }
    }

    @Test(arguments: [
        (RefundState.succeeded, "refund succeeded"), (.failed, "refund failed"), (.submitted, "refund submitted"),
        (.needsAttention, "refund needs attention"),
    ]) func `the message of a refund names its outcome`(state: RefundState, message: String) {
        #expect(line(.refund(Self.channel, state, Self.trade)).contains(message))
    }

    @Test func `the message of a failed query names its outcome`() {
        #expect(line(.notQueried(Self.trade, why: "broken")).contains("provider query failed, will retry"))
    }
}
