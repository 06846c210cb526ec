import LedgerSQL
import PayCore
import PayFlow
import PayRecords

/// Stores the decisions of a batch, each table by one statement.
struct BatchStatements {
    private static let movingTimes: Set = [
        "state_since", "tries", "first_unknown_at", "recover_at", "close_unanswered_at", "session_ends_at", "ask_at",
    ]
    /// The transaction of an order's change. Otherwise, a trigger notes it for each row.
    private static let change = [
        (column: "era", expression: "(SELECT era FROM eras)"),
        (column: "changed_in", expression: "pg_current_xact_id()"),
    ]
    private static let keyIntegers: Set = ["made_order", "expires_at", "claimed_under"]

    private var newOrders = BatchTable(
        "orders", OrderRows.columns.inserted,
        integers: [
            "amount", "created_at", "deadline", "left_new_at", "fence", "lease_ends_at", "lease_unanswered",
            "updated_at",
        ])
    private var orders = BatchTable(
        "orders", ["number"] + OrderRows.changing,
        integers: ["fence", "lease_ends_at", "lease_unanswered", "updated_at", "left_new_at"])
    private var newAttempts = BatchTable(
        "attempts", AttemptRows.columns.inserted,
        integers: movingTimes.union(["sequence", "amount", "provider_deadline", "created_at", "last_word_at"]))
    private var endedAttempts = BatchTable("attempts", ["trade_no"] + AttemptRows.changing, integers: movingTimes)
    private var liveAttempts = BatchTable("attempts", ["trade_no"] + AttemptRows.changing, integers: movingTimes)
    private var newPages = BatchTable(
        "pages", PageRows.columns.inserted, integers: ["serves", "minted_at", "expires_at"])
    private var pages = BatchTable(
        "pages", ["trade_no", "terminal", "openid", "expires_at"], integers: ["expires_at"])
    private var receipts = BatchTable(
        "receipts", ReceiptRows.columns.inserted,
        integers: ["amount", "paid_at", "names_our_account", "recorded_at", "returned", "ruled_on"])
    private var events = BatchTable("events", EventRows.inserted, integers: ["difference_id", "occurred_at"])
    private var history = BatchTable(
        "history", HistoryRows.columns.inserted, integers: ["at", "page_expires_at", "fence"])
    private var claims = BatchTable("idempotency_keys", KeyRows.columns.inserted, integers: keyIntegers)
    private var keys = BatchTable("idempotency_keys", KeyRows.columns.inserted, integers: keyIntegers)
    private var notices = BatchTable("notices", NoticeRows.columns.inserted, integers: ["received_at"])
    /// The earliest instant of a decision. A key that expires later counts as valid.
    private var now = Instant(milliseconds: .max)

    /// Precondition: the decision fits a batch.
    mutating func add(_ decision: OrderDecision) {
        guard let after = decision.after else { return }
        now = min(now, decision.now)
        if decision.isChanged {
            addOrder(after, over: decision.stored, at: decision.now)
            addAttempts(after.attempts, over: decision.stored)
            for receipt in after.receipts.dropFirst(decision.stored?.receipts.count ?? 0) {
                receipts.add(ReceiptRows.values(of: receipt))
            }
            for event in after.newEvents { events.add(EventRows.values(of: event, of: after.number)) }
            addHistory(
                OrderChanges.between(decision.stored, and: after, noting: decision.notes, at: decision.now),
                of: after.number)
        } else if decision.stored != nil {
            addHistory(decision.notes.map { HistoryEntry(at: decision.now, .noted($0)) }, of: after.number)
        }
        if let claim = decision.claim { claims.add(KeyRows.values(of: claim, at: decision.now)) }
        if let key = decision.key { keys.add(KeyRows.values(of: key)) }
        if let notice = decision.notice {
            notices.add(
                NoticeRows.values(of: notice.notice, about: after.number, notice.action, at: decision.now))
        }
    }

    private mutating func addOrder(_ order: Order, over stored: Order?, at now: Instant) {
        guard let stored else { return newOrders.add(OrderRows.values(of: order, updatedAt: now.milliseconds)) }
        // The list of changed orders omits queries that found nothing new.
        guard order.asIfUnwatched != stored.asIfUnwatched else { return }
        orders.add([order.number.text.stored] + OrderRows.changing(of: order, updatedAt: now.milliseconds))
    }

    private mutating func addAttempts(_ attempts: [Attempt], over stored: Order?) {
        for attempt in attempts {
            let before = stored?.attempt(attempt.number)
            guard before != attempt else { continue }
            if before == nil {
                newAttempts.add(AttemptRows.values(of: attempt))
            } else if attempt.state.name.isLive {
                liveAttempts.add([attempt.number.text.stored] + AttemptRows.changing(of: attempt))
            } else {
                endedAttempts.add([attempt.number.text.stored] + AttemptRows.changing(of: attempt))
            }
            addPages(attempt.pages, over: before?.pages ?? [], of: attempt.number)
        }
    }

    private mutating func addPages(_ pages: [Page], over stored: [Page], of trade: TradeNumber) {
        for (before, page) in zip(stored, pages) where before.expiresAt != page.expiresAt {
            self.pages.add([
                trade.text.stored, page.terminal.rawValue.stored, page.openID.stored,
                page.expiresAt.milliseconds.stored,
            ])
        }
        for page in pages.dropFirst(stored.count) { newPages.add(PageRows.values(of: page, of: trade)) }
    }

    private mutating func addHistory(_ entries: [HistoryEntry], of order: OrderNumber) {
        for entry in entries {
            if let row = HistoryRows.row(entry, of: order) { history.add(row) }
        }
    }

    /// The statements, each table's after those that it refers to. Attempts that stop being live go first, so that two
    /// are never live at once.
    var queries: [Query] {
        [
            newOrders.insertion(Self.change),
            orders.update(keys: 1, ["updated_at": "greatest(new.updated_at, old.updated_at + 1)"], Self.change),
            endedAttempts.update(keys: 1), liveAttempts.update(keys: 1), newAttempts.insertion(),
            pages.update(keys: 3), newPages.insertion(), receipts.insertion(), events.insertion(), history.insertion(),
            claims.insertion({ KeyRows.claimingInBatch(now: "$\($0)") }, [.integer(now.milliseconds)]),
            keys.insertion({ KeyRows.storingInBatch(now: "$\($0)") }, [.integer(now.milliseconds)]),
            notices.insertion(),
        ].compactMap { $0 }
    }
}
