import Foundation
import GRDB
import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore
import Testing

/// A database file in a folder of its own, which goes with the test.
struct Scratch {
    let folder: URL

    var path: String { folder.appendingPathComponent("paypage.sqlite").path }

    func ledger() throws -> SQLiteLedger { try SQLiteLedger(path: path) }

    /// A second connection, as somebody with a shell would have.
    func connection() throws -> DatabaseQueue { try DatabaseQueue(path: path) }

    /// The same, which may keep a transaction open.
    func holder() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}

func withScratch<Value>(_ body: (Scratch) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("paystore-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(Scratch(folder: folder))
}

extension SQLiteLedger {
    /// Stores an order as it stands, over whatever is there.
    func put(_ wanted: Order, at now: Instant = noon) async throws {
        // A draft that differs from anything wanted: one that stays as it was isn't stored.
        let blank = draft(wanted.number.text, fence: -1)
        _ = try await update(wanted.number, creating: blank, at: now) { stored in
            stored = wanted
            return Decision(true)
        }
    }
}

let noon = Instant(milliseconds: 1_795_348_800_000)

func at(_ seconds: Int) -> Instant { noon + .seconds(seconds) }

let yuan = Money(amount: 9_900, currency: Currency("CNY")!)!
let sandbox = Channel("sandbox")!
let wechat = Channel("wechat")!

func orderNumber(_ text: String) -> OrderNumber { OrderNumber(text)! }

func trade(_ order: String, _ sequence: Int) -> TradeNumber {
    TradeNumber(order: orderNumber(order), sequence: sequence)
}

func draft(_ number: String, fence: Int64 = 0) -> Order { order(number, fence: fence) }

func order(
    _ number: String, state: OrderState = .new, fence: Int64 = 0, lease: Lease? = nil, attempts: [Attempt] = [],
    receipts: [RecordedReceipt] = [], refunds: [Refund] = []
) -> Order {
    Order(
        number: orderNumber(number), userID: UserID("用户 7")!, money: yuan, subject: Subject("Zwei Tassen ☕️ = 99 元")!,
        returnURL: "https://shop.example/back?a=1&b='2'", createdAt: noon, deadline: at(1_800), state: state,
        fence: Fence(fence), lease: lease, attempts: attempts, receipts: receipts, refunds: refunds)
}

func attempt(
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

func page(
    _ terminal: Terminal = .pc, openID: String = "", serves: Set<Terminal> = [], kind: PageKind = .html,
    content: String = "<!doctype html><p>‘pay’ \"here\"\n</p>", expiresAt: Instant = at(300)
) -> Page {
    Page(
        kind: kind, content: content, terminal: terminal, openID: openID, serves: serves, mintedAt: at(2),
        expiresAt: expiresAt)
}

func receipt(
    _ number: TradeNumber, _ transaction: String, amount: Int64 = yuan.amount, currency: String = "CNY",
    namesOurAccount: Bool = true
) -> Receipt {
    Receipt(
        channel: sandbox, tradeNumber: number, transactionID: TransactionID(transaction)!, amount: amount,
        currencyCode: currency, paidAt: at(60), namesOurAccount: namesOurAccount)
}

func recorded(_ receipt: Receipt, _ standing: ReceiptStanding) -> RecordedReceipt {
    RecordedReceipt(receipt: receipt, standing: standing, recordedAt: at(61))
}

func notice(_ id: String, about trade: String) -> StoredNotice {
    StoredNotice(channel: sandbox, id: id, tradeNumber: trade, body: "{\"trade\":\"\(trade)\"}")
}

/// An order in which every table has a row: paid by one attempt, with a page, and paid a second time.
func fullOrder(_ number: String = "order_1") -> Order {
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

let closing = Closing(recoverAt: at(80), closeUnansweredAt: nil)

func keyRecord(
    _ text: String, of number: TradeNumber, fingerprint: String = "f1", expiresAt: Instant = at(86_400)
) -> KeyRecord {
    KeyRecord(
        use: KeyUse(key: scoped(text), fingerprint: fingerprint), outcome: .attempt(number), madeOrder: true,
        expiresAt: expiresAt)
}

/// The record of a key that led to an order without an attempt.
func orderKeyRecord(
    _ text: String, of number: OrderNumber, fingerprint: String = "f1", expiresAt: Instant = at(86_400)
) -> KeyRecord {
    KeyRecord(
        use: KeyUse(key: scoped(text), fingerprint: fingerprint), outcome: .order(number), madeOrder: true,
        expiresAt: expiresAt)
}

func scoped(_ text: String) -> ScopedKey {
    ScopedKey(scope: "merchant POST /v1/payments", key: IdempotencyKey(text)!)
}

extension DatabaseQueue {
    func number(_ sql: String) throws -> Int64? { try read { try Int64.fetchOne($0, sql: sql) } }

    func texts(_ sql: String) throws -> [String] { try read { try String.fetchAll($0, sql: sql) } }

    /// Changes when another connection has committed a change.
    func dataVersion() throws -> Int64? { try unsafeRead { try Int64.fetchOne($0, sql: "PRAGMA data_version") } }
}
