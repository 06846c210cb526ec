package import PayCore
package import PayFlow

// Orders and their parts for tests of a store. A name that a test doesn't set has the same value everywhere.

package let noon = Instant(milliseconds: 1_795_348_800_000)

package func at(_ seconds: Int) -> Instant { noon + .seconds(seconds) }

package let yuan = Money(amount: 9_900, currency: Currency("CNY")!)!
package let sandbox = Channel("sandbox")!
package let wechat = Channel("wechat")!

package func orderNumber(_ text: String) -> OrderNumber { OrderNumber(text)! }

package func trade(_ order: String, _ sequence: Int) -> TradeNumber {
    TradeNumber(order: orderNumber(order), sequence: sequence)
}

package func draft(_ number: String, fence: Int64 = 0) -> Order { order(number, fence: fence) }

package func order(
    _ number: String, state: OrderState = .new, fence: Int64 = 0, lease: Lease? = nil, attempts: [Attempt] = [],
    receipts: [RecordedReceipt] = [], refunds: [Refund] = []
) -> Order {
    Order(
        number: orderNumber(number), userID: UserID("用户 7")!, money: yuan, subject: Subject("Zwei Tassen ☕️ = 99 元")!,
        returnURL: "https://shop.example/back?a=1&b='2'", createdAt: noon, deadline: at(1_800), state: state,
        fence: Fence(fence), lease: lease, attempts: attempts, receipts: receipts, refunds: refunds)
}

package func attempt(
    _ number: TradeNumber, _ state: AttemptState = .open, channel: Channel = sandbox, terminal: Terminal = .pc,
    payer: Payer = .none, pages: [Page] = [], sessionEndsAt: Instant? = nil,
    reference: ProviderReference? = nil, askAt: Instant? = nil, appID: String? = nil
) -> Attempt {
    Attempt(
        number: number, channel: channel,
        request: StoredRequest(
            terminal: terminal, payer: payer, money: yuan, subject: Subject("Zwei Tassen")!,
            providerDeadline: at(1_800), notifyURL: "https://pay.example/v1/notices/sandbox", returnURL: nil,
            appID: appID),
        createdAt: at(1), state: state, stateSince: at(2), pages: pages, sessionEndsAt: sessionEndsAt,
        reference: reference, lastWordAt: at(1_860), askAt: askAt)
}

package func page(
    _ terminal: Terminal = .pc, openID: String = "", serves: Set<Terminal> = [], kind: PageKind = .html,
    content: String = "<!doctype html><p>‘pay’ \"here\"\n</p>", expiresAt: Instant = at(300)
) -> Page {
    Page(
        kind: kind, content: content, terminal: terminal, openID: openID, serves: serves, mintedAt: at(2),
        expiresAt: expiresAt)
}

package func receipt(
    _ number: TradeNumber, _ transaction: String, amount: Int64 = yuan.amount, currency: String = "CNY",
    namesOurAccount: Bool = true
) -> Receipt {
    Receipt(
        channel: sandbox, tradeNumber: number, transactionID: TransactionID(transaction)!, amount: amount,
        currencyCode: currency, paidAt: at(60), namesOurAccount: namesOurAccount)
}

package func recorded(_ receipt: Receipt, _ standing: ReceiptStanding) -> RecordedReceipt {
    RecordedReceipt(receipt: receipt, standing: standing, recordedAt: at(61))
}

package func notice(_ id: String, about trade: String) -> StoredNotice {
    StoredNotice(channel: sandbox, id: id, tradeNumber: trade, body: "{\"trade\":\"\(trade)\"}")
}

/// An order in which every table has a row: paid by one attempt, with a page, and paid a second time.
package func fullOrder(_ number: String = "order_1") -> Order {
    let (first, second) = (trade(number, 1), trade(number, 2))
    return order(
        number, state: .paid(by: first, at: at(61)), fence: 3,
        lease: Lease(owner: WorkerID("worker-a"), endsAt: at(70), isUnanswered: true),
        attempts: [
            attempt(first, .paid, pages: [page()]), attempt(second, .closing(closing), channel: wechat),
        ],
        receipts: [recorded(receipt(first, "tx-1"), .honest), recorded(receipt(first, "tx-2"), .duplicate)],
        refunds: [
            Refund(
                number: "\(first)_r2", tradeNumber: first, transactionID: TransactionID("tx-2")!, money: yuan,
                cause: .duplicate, state: .pending, createdAt: at(61), askAt: at(61))
        ])
}

package let closing = Closing(recoverAt: at(80), closeUnansweredAt: nil)

package func keyRecord(
    _ text: String, of number: TradeNumber, fingerprint: String = "f1", expiresAt: Instant = at(86_400)
) -> KeyRecord {
    KeyRecord(
        use: KeyUse(key: scoped(text), fingerprint: fingerprint), outcome: .attempt(number), madeOrder: true,
        expiresAt: expiresAt)
}

/// The record of a key that led to an order without an attempt.
package func orderKeyRecord(
    _ text: String, of number: OrderNumber, fingerprint: String = "f1", expiresAt: Instant = at(86_400)
) -> KeyRecord {
    KeyRecord(
        use: KeyUse(key: scoped(text), fingerprint: fingerprint), outcome: .order(number), madeOrder: true,
        expiresAt: expiresAt)
}

package func scoped(_ text: String) -> ScopedKey {
    ScopedKey(scope: "merchant POST /v1/payments", key: IdempotencyKey(text)!)
}

package let everyAttemptState: [AttemptState] = [
    .creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: at(12))),
    .creating(Tries(count: 7, firstUnknownAt: at(3), recoverAt: at(90))),
    .open,
    .closing(Closing(recoverAt: at(13), closeUnansweredAt: nil)),
    .closing(Closing(recoverAt: at(13), closeUnansweredAt: at(4))),
    .exposed(closeUnansweredAt: nil),
    .exposed(closeUnansweredAt: at(5)),
    .closed, .failed, .lapsed, .paid,
]

package func everyOrderState(_ number: String) -> [OrderState] {
    [.new, .paid(by: trade(number, 1), at: at(61)), .closed(at: at(62)), .expired(at: at(63))]
}

package func event(
    _ kind: OrderEvent.Kind, of trade: TradeNumber? = nil, _ transaction: String? = nil, code: String? = nil
) -> OrderEvent {
    OrderEvent(
        kind: kind, tradeNumber: trade, transactionID: transaction.flatMap(TransactionID.init),
        refundNumber: kind.rawValue.hasPrefix("refund.") ? "order_1_1_r2" : nil, providerCode: code, at: at(61))
}

extension OrderDecisions {
    /// Stores an order as it stands, over the stored one.
    package func put(_ wanted: Order, at now: Instant = noon) async throws {
        // A draft that differs from any wanted order, because an unchanged draft is not stored.
        let blank = draft(wanted.number.text, fence: -1)
        _ = try await update(wanted.number, creating: blank, at: now) { stored in
            stored = wanted
            return Decision(true)
        }
    }
}
