import PayCore
import PayFlow

/// An order of the benchmark, and the two decisions of its first pay.
///
/// Both write the rows that a first pay of the service writes: the order, the attempt, the page, the key and the history.
struct BenchOrder: Sendable {
    struct Invalid: Error {}

    /// The size of the sandbox's pages.
    private static let content = "<!doctype html>" + String(repeating: "<p>9.90</p>", count: 235)
    private static let life = Duration.seconds(1_800)

    let number: OrderNumber
    private let trade: TradeNumber
    private let begun: Instant
    private let channel: Channel
    private let draft: Order
    private let key: KeyUse

    init(_ text: String, at now: Instant) throws {
        guard let number = OrderNumber(text), let user = UserID("user_\(text)"), let subject = Subject("A book"),
            let currency = Currency("CNY"), let money = Money(amount: 9_900, currency: currency),
            let channel = Channel("sandbox"), let key = IdempotencyKey("key-\(text)")
        else { throw Invalid() }
        self.number = number
        self.channel = channel
        trade = TradeNumber(order: number, sequence: 1)
        begun = now
        draft = Order(
            number: number, userID: user, money: money, subject: subject, returnURL: nil, createdAt: now,
            deadline: now + Self.life, state: .new, fence: Fence(0), lease: nil, attempts: [], receipts: [], refunds: []
        )
        self.key = KeyUse(
            key: ScopedKey(scope: "merchant POST /v1/payments", key: key), fingerprint: "fingerprint of \(text)")
    }

    func pay(_ ledger: any OrderDecisions) async throws {
        try await begin(ledger)
        try await finish(ledger)
    }

    private func begin(_ ledger: any OrderDecisions) async throws {
        let lease = Lease(owner: WorkerID("bench"), endsAt: begun + .seconds(12), isUnanswered: false)
        let claim = KeyClaim(use: key, tradeNumber: trade, fence: Fence(1))
        let asked = HistoryNote.asked(channel, .pc)
        let wanted = order(
            attempt(.creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: lease.endsAt)), []), lease)
        _ = try await ledger.update(number, creating: draft, at: begun) { stored in
            stored = wanted
            return Decision(true, claiming: claim, noting: [asked])
        }
    }

    private func finish(_ ledger: any OrderDecisions) async throws {
        let page = Page(
            kind: .html, content: Self.content, terminal: .pc, openID: "", serves: [], mintedAt: begun,
            expiresAt: begun + Self.life)
        let wanted = order(attempt(.open, [page]), nil)
        let record = KeyRecord(
            use: key, outcome: .attempt(trade), madeOrder: true, expiresAt: begun + .seconds(86_400))
        let called = HistoryNote.called(.create, trade, answer: "created")
        _ = try await ledger.update(number, creating: nil, at: begun + .milliseconds(20)) { stored in
            stored = wanted
            return Decision(true, usingUp: record, noting: [called])
        }
    }

    private func order(_ attempt: Attempt, _ lease: Lease?) -> Order {
        Order(
            number: number, userID: draft.userID, money: draft.money, subject: draft.subject, returnURL: nil,
            createdAt: draft.createdAt, deadline: draft.deadline, state: .new, fence: Fence(1), lease: lease,
            attempts: [attempt], receipts: [], refunds: [])
    }

    private func attempt(_ state: AttemptState, _ pages: [Page]) -> Attempt {
        Attempt(
            number: trade, channel: channel,
            request: StoredRequest(
                terminal: .pc, payer: .none, money: draft.money, subject: draft.subject,
                providerDeadline: draft.deadline, notifyURL: "https://pay.example/v1/notices/sandbox", returnURL: nil,
                appID: nil),
            createdAt: begun, state: state, stateSince: begun, pages: pages, sessionEndsAt: nil, reference: nil,
            lastWordAt: draft.deadline + .seconds(60), askAt: state == .open ? begun + .seconds(600) : nil)
    }
}
