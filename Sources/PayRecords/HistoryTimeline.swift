package import PayCore
package import PayFlow

/// Merges the entries of several tables into one list: by time, and within a millisecond with each cause before its
/// effect.
package struct HistoryTimeline {
    /// A fact with its row's number.
    package struct NumberedEntry {
        package let id: Int64
        package let entry: HistoryEntry

        package init(id: Int64, entry: HistoryEntry) {
            self.id = id
            self.entry = entry
        }
    }

    private enum Side: Int {
        case noticeBefore, moneyBefore, itself, toldBehind
    }

    /// The fact that an entry is placed beside within its millisecond, and the side.
    private struct Place: Hashable {
        let fact: Int64
        let side: Side
    }

    private let facts: [NumberedEntry]
    private var placed: [(entry: HistoryEntry, place: Place)]
    /// Facts that already have their entry on that side: a second entry belongs to another fact.
    private var served: Set<Place> = []
    /// The facts that caused the events so far.
    private var causes: [EventID: Int64] = [:]
    private var payments: [(recorded: RecordedReceipt, fact: Int64?)] = []

    package init(facts: [NumberedEntry]) {
        self.facts = facts
        placed = facts.map { ($0.entry, Place(fact: $0.id, side: .itself)) }
    }

    package var entries: [HistoryEntry] {
        placed.enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            return (first.entry.at.milliseconds, first.place.fact, first.place.side.rawValue, left.offset)
                < (second.entry.at.milliseconds, second.place.fact, second.place.side.rawValue, right.offset)
        }.map(\.element.entry)
    }

    /// Money is placed before the changes that it caused: its attempt's first, then the refund of an unwanted payment.
    /// A payment that was judged again arrived as disputed; the judgement is a fact of its own.
    package mutating func add(money recorded: RecordedReceipt) {
        guard let judgement = facts.first(where: { $0.isJudgement(of: recorded.receipt) }) else {
            return place(money: recorded)
        }
        place(
            money: RecordedReceipt(
                receipt: recorded.receipt, standing: .disputed, recordedAt: recorded.recordedAt))
        let asJudged = RecordedReceipt(
            receipt: recorded.receipt, standing: recorded.standing, recordedAt: judgement.entry.at)
        payments.append((asJudged, judgement.id))
    }

    private mutating func place(money recorded: RecordedReceipt) {
        let trade = recorded.receipt.tradeNumber
        var index = claim(.moneyBefore, at: recorded.recordedAt) { change in
            switch recorded.standing {
            case .honest, .returned: change.isPaying(trade)
            case .duplicate, .late, .disputed, .rejected: change.isRefunding(trade)
            }
        }
        if let refund = index, refund > 0, facts[refund - 1].isChange(at: recorded.recordedAt, { $0.isPaying(trade) }) {
            index = refund - 1
        }
        let fact = index.map { facts[$0].id }
        payments.append((recorded, fact))
        place(HistoryEntry(at: recorded.recordedAt, .money(recorded)), .moneyBefore, fact)
    }

    /// A notice is placed before the money that it reported. Precondition: all money is added.
    package mutating func add(
        notice outcome: SettleOutcome, from channel: Channel, about trade: TradeNumber, at instant: Instant
    ) {
        let index = payments.firstIndex { payment in
            payment.recorded.receipt.tradeNumber == trade && payment.recorded.recordedAt == instant
                && outcome.standing == payment.recorded.standing
        }
        let payment = index.map { payments.remove(at: $0) }
        place(HistoryEntry(at: instant, .notice(channel, about: trade, outcome)), .noticeBefore, payment?.fact)
    }

    /// A message to the merchant is placed behind the change that it reports.
    package mutating func add(told record: DeliveryRecord) {
        // The deliveries of one event to several endpoints have one cause.
        let fact =
            causes[record.event]
            ?? claim(.toldBehind, at: record.occurredAt) { $0.causes(record.kind) }.map { facts[$0].id }
        causes[record.event] = fact
        place(HistoryEntry(at: record.occurredAt, .told(record)), .toldBehind, fact)
    }

    /// Without a fact, the entry is placed last within its millisecond.
    private mutating func place(_ entry: HistoryEntry, _ side: Side, _ fact: Int64?) {
        placed.append((entry, Place(fact: fact ?? .max, side: side)))
    }

    /// The first matching fact of the instant that has no entry on this side yet.
    private mutating func claim(
        _ side: Side, at instant: Instant, _ belongs: (OrderChange) -> Bool
    ) -> Array<NumberedEntry>.Index? {
        let index = facts.firstIndex { fact in
            !served.contains(Place(fact: fact.id, side: side)) && fact.isChange(at: instant, belongs)
        }
        if let index { served.insert(Place(fact: facts[index].id, side: side)) }
        return index
    }
}

extension HistoryTimeline.NumberedEntry {
    fileprivate func isJudgement(of receipt: Receipt) -> Bool {
        guard case .changed(.receiptJudged(receipt.transactionID, of: receipt.tradeNumber, as: _)) = entry.what else {
            return false
        }
        return true
    }

    fileprivate func isChange(at instant: Instant, _ belongs: (OrderChange) -> Bool) -> Bool {
        guard entry.at == instant, case .changed(let change) = entry.what else { return false }
        return belongs(change)
    }
}

extension OrderChange {
    fileprivate func isPaying(_ trade: TradeNumber) -> Bool {
        if case .attemptMoved(trade, _, to: .paid) = self { true } else { false }
    }

    fileprivate func isRefunding(_ trade: TradeNumber) -> Bool {
        if case .refundWritten(_, of: trade, _) = self { true } else { false }
    }

    fileprivate func causes(_ event: OrderEvent.Kind) -> Bool {
        switch (event, self) {
        case (.orderPaid, .moved(.paid)), (.orderClosed, .moved(.closed)), (.orderExpired, .moved(.expired)),
            (.paymentDuplicate, .refundWritten), (.paymentLate, .refundWritten),
            (.paymentReturned, .attemptMoved(_, _, to: .paid)),
            (.refundSucceeded, .refundMoved(_, _, _, .succeeded)), (.refundFailed, .refundMoved(_, _, _, .failed)),
            (.refundNeedsAttention, .refundMoved(_, _, _, .needsAttention)):
            true
        case (.orderPaid, _), (.orderClosed, _), (.orderExpired, _), (.paymentDuplicate, _), (.paymentLate, _),
            (.paymentReturned, _), (.paymentDisputed, _), (.refundSucceeded, _), (.refundFailed, _),
            (.refundNeedsAttention, _), (.reconciliationDifference, _):
            false
        }
    }
}
