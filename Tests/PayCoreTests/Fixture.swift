@testable import PayCore

let noon = Instant(milliseconds: 1_795_348_800_000)

/// An instant in seconds after the order was created.
func at(_ seconds: Int) -> Instant { noon + .seconds(seconds) }

let yuan = Money(amount: 9_900, currency: Currency("CNY")!)!
let sandbox = Channel("sandbox")!
let wechat = Channel("wechat")!
let number = OrderNumber("20261122_0001")!
let first = trade(1)
let second = trade(2)
let worker = WorkerID("worker-a")
let successor = WorkerID("worker-b")
let millisecond = Duration.milliseconds(1)

func trade(_ sequence: Int) -> TradeNumber { TradeNumber(order: number, sequence: sequence) }

/// A lease of ten seconds, a margin of sixty, an order of half an hour.
func rules(_ policy: DeadlinePolicy = .reserve, switching: SwitchPolicy = .allow) -> PayRules {
    PayRules(
        deadlines: Deadlines(policy: policy, margin: .seconds(60)), switchPolicy: switching,
        providerTimeout: .seconds(8))
}

func terms(
    serves: Set<Terminal> = [.pc, .h5, .app], boundToPayer: Bool = false,
    shortestLife: ShortestLife = .refuseBelow(.zero), closeCanBeProven: Bool = true, mayBeAskedAgain: Bool = true,
    canBeRevived: Bool = false, longestLife: Duration? = nil
) -> ProviderTerms {
    let trade = TradeTerms(
        serves: serves, isBoundToPayer: boundToPayer, shortestLife: shortestLife, closeCanBeProven: closeCanBeProven,
        numberMayBeAskedAgain: mayBeAskedAgain, exposedCanBeRevived: canBeRevived)
    return ProviderTerms(
        trades: Dictionary(uniqueKeysWithValues: Terminal.allCases.map { ($0, trade) }), longestLife: longestLife)
}

func draft() -> Order { order([]) }

func order(_ attempts: [Attempt], state: OrderState = .new, fence: Int64 = 0, lease: Lease? = nil) -> Order {
    Order(
        number: number, userID: UserID("user-7")!, money: yuan, subject: Subject("two cups")!,
        returnURL: "https://shop.example/back", createdAt: noon, deadline: at(1_800), state: state,
        fence: Fence(fence), lease: lease, attempts: attempts)
}

func attempt(
    _ number: TradeNumber, _ state: AttemptState, channel: Channel = sandbox, terminal: Terminal = .pc,
    openID: String = "", providerDeadline: Instant = at(1_800), pages: [Page] = [],
    sessionEndsAt: Instant? = nil, askAt: Instant? = nil
) -> Attempt {
    Attempt(
        number: number, channel: channel,
        request: StoredRequest(
            terminal: terminal, payer: Payer(openID: openID), money: yuan, subject: Subject("two cups")!,
            providerDeadline: providerDeadline, notifyURL: "https://pay.example/v1/notices/\(channel)",
            returnURL: "https://shop.example/back"),
        createdAt: noon, state: state, stateSince: noon, pages: pages, sessionEndsAt: sessionEndsAt,
        lastWordAt: providerDeadline + .seconds(60), askAt: askAt)
}

func page(
    _ terminal: Terminal = .pc, openID: String = "", serves: Set<Terminal> = [.pc, .h5],
    until expiresAt: Instant = at(300)
) -> Page {
    Page(
        kind: .html, content: "<!doctype html>\(terminal)", terminal: terminal, openID: openID, serves: serves,
        mintedAt: noon, expiresAt: expiresAt)
}

func made(serves: Set<Terminal> = [.pc, .h5], usableFor: Duration? = nil) -> CreateAnswer {
    .made(ProviderPage(kind: .html, content: "<!doctype html>made", serves: serves, usableFor: usableFor))
}

/// A first try without an answer.
let firstTry = AttemptState.creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: at(10)))
/// A second try, after one with an unknown outcome.
let laterTry = AttemptState.creating(Tries(count: 2, firstUnknownAt: at(-10), recoverAt: at(10)))
let beingClosed = AttemptState.closing(Closing(recoverAt: at(10), closeUnansweredAt: nil))

func lease(of owner: WorkerID = worker, until end: Instant = at(10), unanswered: Bool = false) -> Lease {
    Lease(owner: owner, endsAt: end, isUnanswered: unanswered)
}

func right(_ fence: Int64) -> LeaseRight { LeaseRight(order: number, fence: Fence(fence), endsAt: at(10)) }

/// Both channels are configured; `others` replaces their terms.
func call(
    _ channel: Channel = sandbox, _ terminal: Terminal = .pc, openID: String = "", fresh: Bool = false,
    takesStoredPage: Bool = true, terms: ProviderTerms = terms(), others: [Channel: ProviderTerms] = [:],
    rules: PayRules = rules(),
    by worker: WorkerID = worker, asked: Set<TradeNumber> = [], pause: Duration? = nil,
    missing: Set<Channel> = [], acceptsNewAttempts: Bool = true
) -> OpeningCall {
    let channels = [sandbox: terms, wechat: terms].merging(others) { $1 }.merging([channel: terms]) { $1 }
    return OpeningCall(
        wish: PageWish(channel: channel, terminal: terminal, openID: openID, fresh: fresh), clientIP: "192.0.2.7",
        takesStoredPage: takesStoredPage, notifyURL: "https://pay.example/v1/notices/\(channel)",
        channels: channels.filter { !missing.contains($0.key) }, rules: rules, worker: worker, asked: asked,
        pause: pause, acceptsNewAttempts: acceptsNewAttempts)
}

func report(
    _ answer: CreateAnswer, of attempt: Attempt, wish terminal: Terminal? = nil, rules: PayRules = rules()
) -> CreateReport {
    let wish = PageWish(
        channel: attempt.channel, terminal: terminal ?? attempt.request.terminal, openID: attempt.request.payer.openID)
    return CreateReport(request: attempt.storedCreate, answer: answer, wish: wish, rules: rules)
}

func receipt(
    _ number: TradeNumber = first, _ transaction: String = "tx-1", channel: Channel = sandbox,
    amount: Int64 = yuan.amount, currency: String = "CNY", ours: Bool = true, returned: Bool = false
) -> Receipt {
    Receipt(
        channel: channel, tradeNumber: number, transactionID: TransactionID(transaction)!, amount: amount,
        currencyCode: currency, paidAt: at(20), namesOurAccount: ours, isReturned: returned)
}

/// Like Alipay: one trade serves every terminal, an unopened page can't be closed, and the number stays payable.
let alipayLike = terms(closeCanBeProven: false, canBeRevived: true)

/// Like WeChat: a trade for each terminal, and a close that a query confirms.
let wechatLike = ProviderTerms(
    trades: Dictionary(
        uniqueKeysWithValues: Terminal.allCases.map { terminal in
            (
                terminal,
                TradeTerms(
                    serves: [terminal], isBoundToPayer: terminal == .jsapi, shortestLife: .refuseBelow(.seconds(60)),
                    closeCanBeProven: true, numberMayBeAskedAgain: true, exposedCanBeRevived: false)
            )
        }))

/// Like Stripe: a session of at least half an hour, and a number that can't be sent again.
let stripeLike = terms(shortestLife: .extendTo(.seconds(1_800)), mayBeAskedAgain: false)

extension SettleAction {
    /// The name of the outcome, without its values.
    var word: String {
        switch self {
        case .alreadyRecorded: "alreadyRecorded"
        case .paid: "paid"
        case .duplicate: "duplicate"
        case .late: "late"
        case .returned: "returned"
        case .disputed: "disputed"
        case .unknownTrade: "unknownTrade"
        case .afterLastWord(let action): "\(action.word), alarm"
        }
    }
}

extension Instant {
    /// Seconds after the order was created.
    var second: Int64 { (self - noon).wholeMilliseconds / 1_000 }
}

extension Doubt {
    /// A doubt after an answer, for tests that do not check its reason.
    static let answered = Doubt.answered(.unreadable)

    /// A doubt without an answer, for tests that do not check its reason.
    static let unanswered = Doubt.unanswered(.timeout)
}
