package import PayCore
package import PayFlow
import Tracing

/// Decisions whose transactions are spans: from the queue to the commit.
package struct TracedDecisions: OrderDecisions {
    private let decisions: any OrderDecisions
    private let traces: Traces
    private let recent: RecentTraces

    /// - Parameter recent: gets the span of each order's last commit.
    package init(_ decisions: any OrderDecisions, _ traces: Traces, recent: RecentTraces) {
        self.decisions = decisions
        self.traces = traces
        self.recent = recent
    }

    package func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        try await traces.span("order.update", .internal, ["order.no": .string(number.text)]) { span in
            recent.note(span, of: number)
            return try await decisions.update(number, creating: draft, at: now, decide)
        }
    }

    package func record(
        _ notice: StoredNotice, at now: Instant, _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        let attributes: SpanAttributes = ["provider.channel": .string(notice.channel.name)]
        return try await traces.span("notice.record", .internal, attributes) { span in
            if let trade = TradeNumber(notice.tradeNumber) {
                span?.attributes["order.no"] = trade.order.text
                recent.note(span, of: trade.order)
            }
            return try await decisions.record(notice, at: now, decide)
        }
    }
}
