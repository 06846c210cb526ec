import Foundation
import PayCore
import PayFlow

/// The history of an order as text: one line per entry, by day and UTC time of day. It contains no page content.
struct HistoryReport {
    private let entries: [HistoryEntry]
    private let order: OrderNumber

    init(_ entries: [HistoryEntry], of order: OrderNumber) {
        self.entries = entries
        self.order = order
    }

    var text: String {
        var lines = ["history, times in UTC"]
        var day = ""
        for entry in entries {
            let at = UTCTime(entry.at)
            if at.day != day {
                day = at.day
                lines.append("  \(day)")
            }
            let (what, detail) = describe(entry)
            lines.append(
                "    \(at.time)  \(what.padding(toLength: 7, withPad: " ", startingAt: 0))  \(PlainText(detail))")
        }
        return (entries.isEmpty ? lines + ["  no entries"] : lines).joined(separator: "\n")
    }

    private func describe(_ entry: HistoryEntry) -> (what: String, detail: String) {
        switch entry.what {
        case .noted(.asked(let channel, let terminal)):
            ("request", "\(channel) \(terminal.rawValue)")
        case .noted(.closeAsked):
            ("request", "close")
        case .noted(.called(let operation, let trade, let answer)):
            ("called", "\(operation.rawValue) \(short(trade)): \(answer)")
        case .noted(.ruled(let ruling, let transactionID, let trade)):
            (
                "decided",
                "\(ruling.verdict.rawValue) \(transactionID) of \(short(trade)), by \(PlainText(ruling.by.text)): "
                    + "\(PlainText(ruling.reason.text))"
            )
        case .changed(let change):
            describe(change, at: entry.at)
        case .notice(let channel, let trade, let outcome):
            ("notice", "\(channel) about \(short(trade)): \(outcome.rawValue)")
        case .money(let recorded):
            ("money", describe(recorded))
        case .told(let record):
            ("webhook", "\(record.kind.rawValue) (delivery \(record.id)\(target(record))): \(describe(record))")
        }
    }

    /// The endpoint, unless it is the one of `webhook.url`.
    private func target(_ record: DeliveryRecord) -> String {
        record.endpoint == .standard ? "" : " to \(record.endpoint)"
    }

    private func describe(_ change: OrderChange, at instant: Instant) -> (what: String, detail: String) {
        switch change {
        case .made:
            ("order", "made")
        case .moved(let to):
            ("order", "\(OrderStateName.new.rawValue) -> \(to.rawValue)")
        case .attemptBegan(let trade, let channel, let terminal):
            ("attempt", "\(short(trade)) began: \(channel) \(terminal.rawValue)")
        case .attemptMoved(let trade, let from, let to):
            ("attempt", "\(short(trade)) \(from.rawValue) -> \(to.rawValue)")
        case .pageMinted(let trade, let kind, let terminal, let expiresAt):
            (
                "page",
                "\(short(trade)) \(kind.rawValue) for \(terminal.rawValue), until \(end(expiresAt, from: instant))"
            )
        case .pageEnded(let trade, let terminal):
            ("page", "\(short(trade)) for \(terminal.rawValue) ended")
        case .takenOver(let fence):
            ("lease", "expired, taken over with fence \(fence.number)")
        case .refundWritten(let number, _, let state):
            ("refund", "\(number) \(state.rawValue)")
        case .refundMoved(let number, _, let from, let to):
            ("refund", "\(number) \(from.rawValue) -> \(to.rawValue)")
        case .receiptJudged(let transactionID, let trade, let standing):
            (
                "money",
                "\(short(trade)) disputed -> \(standing.rawValue), transaction \(transactionID)"
            )
        }
    }

    private func describe(_ recorded: RecordedReceipt) -> String {
        let receipt = recorded.receipt
        return
            "\(receipt.amount) \(receipt.currencyCode) by \(short(receipt.tradeNumber)), \(recorded.standing.rawValue), "
            + "transaction \(receipt.transactionID)"
    }

    private func describe(_ record: DeliveryRecord) -> String {
        let tries = record.tries == 1 ? "1 try" : "\(record.tries) tries"
        return switch record.state {
        case .pending: record.tries == 0 ? "not sent yet" : "not delivered yet, \(tries)"
        case .delivered: "delivered, \(tries)"
        case .parked: "parked, \(tries)"
        }
    }

    /// `_1`: the order number is in the head.
    private func short(_ trade: TradeNumber) -> String {
        trade.order == order ? "_\(trade.sequence)" : trade.text
    }

    private func end(_ instant: Instant, from beginning: Instant) -> String {
        let end = UTCTime(instant)
        return end.day == UTCTime(beginning).day ? end.time : "\(end.day) \(end.time)"
    }
}
