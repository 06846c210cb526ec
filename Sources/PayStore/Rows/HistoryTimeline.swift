import PayCore
import PayFlow

/// Puts what several tables tell of an order into one order: by time, and within a millisecond as it was caused.
struct HistoryTimeline {
    /// An entry, the fact beside which it stands within its millisecond, and on which side of it.
    private struct Placed {
        let entry: HistoryEntry
        let fact: Int64
        let side: Side
    }

    private enum Side: Int {
        case noticeBefore, moneyBefore, itself, toldBehind
    }

    private let facts: [HistoryRows.NumberedEntry]
    private var placed: [Placed]

    init(facts: [HistoryRows.NumberedEntry]) {
        self.facts = facts
        placed = facts.map { Placed(entry: $0.entry, fact: $0.id, side: .itself) }
    }

    var entries: [HistoryEntry] {
        placed.enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            return (first.entry.at.milliseconds, first.fact, first.side.rawValue, left.offset)
                < (second.entry.at.milliseconds, second.fact, second.side.rawValue, right.offset)
        }.map(\.element.entry)
    }

    mutating func add(
        notice standing: NoticeStanding, from channel: Channel, about trade: TradeNumber, at instant: Instant
    ) {
        let entry = HistoryEntry(at: instant, .notice(channel, about: trade, standing))
        add(entry, .noticeBefore) { $0.comes(fromMoneyOf: trade) }
    }

    mutating func add(money recorded: RecordedReceipt) {
        let trade = recorded.receipt.tradeNumber
        add(HistoryEntry(at: recorded.recordedAt, .money(recorded)), .moneyBefore) { $0.comes(fromMoneyOf: trade) }
    }

    mutating func add(told record: DeliveryRecord) {
        add(HistoryEntry(at: record.occurredAt, .told(record)), .toldBehind) { $0.causes(record.kind) }
    }

    /// Behind all of its millisecond where no fact of it belongs to the entry.
    private mutating func add(_ entry: HistoryEntry, _ side: Side, besideFirst belongs: (OrderChange) -> Bool) {
        let fact = facts.first { fact in
            guard fact.entry.at == entry.at, case .changed(let change) = fact.entry.what else { return false }
            return belongs(change)
        }
        placed.append(Placed(entry: entry, fact: fact?.id ?? .max, side: side))
    }
}

extension OrderChange {
    fileprivate func comes(fromMoneyOf trade: TradeNumber) -> Bool {
        switch self {
        case .attemptMoved(trade, _, .paid), .refundWritten(_, trade, _): true
        case .made, .attemptBegan, .attemptMoved, .pageMinted, .pageEnded, .takenOver, .moved, .refundWritten,
            .refundMoved:
            false
        }
    }

    fileprivate func causes(_ event: OrderEvent.Kind) -> Bool {
        switch (event, self) {
        case (.orderPaid, .moved(.paid)), (.orderClosed, .moved(.closed)), (.orderExpired, .moved(.expired)),
            (.paymentDuplicate, .refundWritten), (.paymentLate, .refundWritten),
            (.refundSucceeded, .refundMoved(_, _, _, .succeeded)), (.refundFailed, .refundMoved(_, _, _, .failed)):
            true
        case (.orderPaid, _), (.orderClosed, _), (.orderExpired, _), (.paymentDuplicate, _), (.paymentLate, _),
            (.refundSucceeded, _), (.refundFailed, _):
            false
        }
    }
}
