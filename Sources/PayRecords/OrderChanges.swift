package import PayCore
package import PayFlow

/// The history entries of one decision: its notes, and the differences between the order before and after it. Because
/// changes are derived, none can be forgotten.
///
/// A change has its own instant where the order records one: the wait for the write lock can take a while.
package enum OrderChanges {
    package static func between(
        _ before: Order?, and after: Order, noting notes: [HistoryNote], at now: Instant
    ) -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        if before == nil { entries.append(HistoryEntry(at: after.createdAt, .changed(.made))) }
        entries += notes.map { HistoryEntry(at: now, .noted($0)) }
        if let fence = takenOver(before, after) { entries.append(HistoryEntry(at: now, .changed(.takenOver(fence)))) }
        entries += judgements(before, after, at: now)
        entries += after.attempts.flatMap { changes(of: $0, over: before?.attempt($0.number)) }
        entries += leaving(before, after)
        return entries
            + after.refunds.compactMap { refund in
                change(of: refund, over: before?.refunds.first { $0.number == refund.number }, at: now)
            }
    }

    /// Nil when the order leaves `new`, which also raises the fence: such an order has no lease any more.
    private static func takenOver(_ before: Order?, _ after: Order) -> Fence? {
        guard let before, before.lease != nil, after.lease != nil, after.fence > before.fence else { return nil }
        return after.fence
    }

    private static func leaving(_ before: Order?, _ after: Order) -> [HistoryEntry] {
        guard before?.state ?? .new == .new, let at = after.state.leftNewAt else { return [] }
        return [HistoryEntry(at: at, .changed(.moved(to: after.state.name)))]
    }

    private static func changes(of attempt: Attempt, over before: Attempt?) -> [HistoryEntry] {
        var changes: [HistoryEntry] = []
        if let before, before.state.name != attempt.state.name {
            let move = OrderChange.attemptMoved(attempt.number, from: before.state.name, to: attempt.state.name)
            changes.append(HistoryEntry(at: attempt.stateSince, .changed(move)))
        } else if before == nil {
            let beginning = OrderChange.attemptBegan(attempt.number, attempt.channel, attempt.request.terminal)
            changes.append(HistoryEntry(at: attempt.createdAt, .changed(beginning)))
        }
        return changes
            + attempt.pages.compactMap { page in
                change(
                    of: page, of: attempt.number,
                    over: before?.pages.first { $0.terminal == page.terminal && $0.openID == page.openID })
            }
    }

    private static func change(of page: Page, of trade: TradeNumber, over before: Page?) -> HistoryEntry? {
        guard let before, page.isSameArtefact(as: before) else {
            let minting = OrderChange.pageMinted(trade, page.kind, page.terminal, expiresAt: page.expiresAt)
            return HistoryEntry(at: page.mintedAt, .changed(minting))
        }
        guard page.expiresAt < before.expiresAt else { return nil }
        return HistoryEntry(at: page.expiresAt, .changed(.pageEnded(trade, page.terminal)))
    }

    /// Receipts keep their places. A new receipt is a row of its own table, and no entry here.
    private static func judgements(_ before: Order?, _ after: Order, at now: Instant) -> [HistoryEntry] {
        zip(before?.receipts ?? [], after.receipts).compactMap { old, new in
            guard old.standing != new.standing else { return nil }
            let judgement = OrderChange.receiptJudged(
                new.receipt.transactionID, of: new.receipt.tradeNumber, as: new.standing)
            return HistoryEntry(at: now, .changed(judgement))
        }
    }

    private static func change(of refund: Refund, over before: Refund?, at now: Instant) -> HistoryEntry? {
        guard let before else {
            let writing = OrderChange.refundWritten(refund.number, of: refund.tradeNumber, refund.state)
            return HistoryEntry(at: refund.createdAt, .changed(writing))
        }
        guard before.state != refund.state else { return nil }
        let move = OrderChange.refundMoved(
            refund.number, of: refund.tradeNumber, from: before.state, to: refund.state)
        return HistoryEntry(at: now, .changed(move))
    }
}

extension OrderState {
    fileprivate var leftNewAt: Instant? {
        switch self {
        case .new: nil
        case .paid(_, let at), .closed(let at), .expired(let at): at
        }
    }
}

extension Page {
    /// Whether this is the stored page, perhaps with an earlier end.
    fileprivate func isSameArtefact(as before: Page) -> Bool {
        mintedAt == before.mintedAt && content == before.content && kind == before.kind && serves == before.serves
    }
}
