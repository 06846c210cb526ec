import PayCore
import PayFlow
import PayTestSupport
import StoreTestSupport
import Testing

/// A database, a clock, two providers, and the processes that share them.
struct World {
    let clock = HandMovedClock()
    let sandbox: ScriptedProvider
    let wechat: ScriptedProvider
    let database: TestDatabase
    /// A store that no process uses.
    let store: any Store
    let policy: DeadlinePolicy
    let switching: SwitchPolicy
    let repayMode: RepayMode

    /// The start of the world, when its order is created.
    let start = HandMovedClock().now()

    /// A separate service process, with its own connections, its own work in flight and its own name.
    func process(
        _ name: String = "worker-a", channels: Set<Channel> = [PayFlowTests.sandbox, PayFlowTests.wechat],
        switchedOff: Set<Channel> = [], list: ChannelList? = nil, providers: [ScriptedProvider]? = nil
    ) async throws -> Process {
        let configured = providers ?? [sandbox, wechat].filter { channels.contains($0.channel) }
        let rules = PayRules(
            deadlines: Deadlines(policy: policy, margin: .seconds(60)), switchPolicy: switching,
            providerTimeout: .seconds(8))
        let ledger = try await database.open()
        let acceptance = ChannelAcceptance(switchedOff: switchedOff, pauses: ledger)
        let watched = WatchedLedger(ledger)
        let observer = RecordingObserver()
        let flows = Flows(
            FlowParts(
                ledger: watched, providers: Providers(configured), channels: list, clock: clock, observer: observer,
                rules: rules, repayMode: repayMode, worker: WorkerID(name), publicURL: { "https://pay.example" },
                acceptance: acceptance))
        return Process(
            channels: ListChannels(flows), pay: Pay(flows), close: Close(flows), settle: Settle(flows),
            recover: RecoverLeases(flows), query: QueryAttempts(flows), expire: ExpireOrders(flows),
            refunds: SubmitRefunds(flows), flows: flows, ledger: watched, observer: observer)
    }

    func at(_ seconds: Int) -> Instant { start + .seconds(seconds) }

    /// Moves the clock to this many seconds after the start.
    func move(to seconds: Int) { move(to: at(seconds)) }

    func move(to instant: Instant) { clock.advance(by: instant - clock.now()) }

    /// The order as it is stored, read without a lease.
    func order(_ number: OrderNumber = number) async throws -> Order {
        try #require(try await store.order(number))
    }

    /// The states of the order's attempts, the first one first.
    func states() async throws -> [AttemptStateName] { try await order().attempts.map(\.state.name) }
}

/// The flows of one process.
struct Process {
    let channels: ListChannels
    let pay: Pay
    let close: Close
    let settle: Settle
    let recover: RecoverLeases
    let query: QueryAttempts
    let expire: ExpireOrders
    let refunds: SubmitRefunds
    let flows: Flows
    let ledger: WatchedLedger
    let observer: RecordingObserver
}

/// `terms` are those of both channels, unless WeChat's are given.
func withWorld(
    on kind: StoreKind = .usual, terms: ProviderTerms = terms(), wechatTerms: ProviderTerms? = nil,
    policy: DeadlinePolicy = .reserve, switching: SwitchPolicy = .allow, repayMode: RepayMode = .cached,
    _ body: (World) async throws -> Void
) async throws {
    try await withTestDatabase(kind) { database in
        let world = World(
            sandbox: ScriptedProvider(sandbox, terms: terms),
            wechat: ScriptedProvider(wechat, terms: wechatTerms ?? terms), database: database,
            store: try await database.open(), policy: policy, switching: switching, repayMode: repayMode)
        try await world.store.keepEndpoints([EndpointEntry(.standard, origin: "https://shop.example")], at: world.start)
        try await body(world)
        #expect(world.sandbox.isPlayedOut && world.wechat.isPlayedOut, "a line of a script was never played")
    }
}

let sandbox = Channel("sandbox")!
let wechat = Channel("wechat")!
let number = OrderNumber("20261122_0001")!
let first = TradeNumber(order: number, sequence: 1)
let second = TradeNumber(order: number, sequence: 2)
let yuan = Money(amount: 9_900, currency: Currency("CNY")!)!
let millisecond = Duration.milliseconds(1)

let third = TradeNumber(order: number, sequence: 3)

func terms(
    serves: Set<Terminal> = [.pc, .h5, .app], mayBeAskedAgain: Bool = true, closeCanBeProven: Bool = true,
    canBeRevived: Bool = false, shortestLife: ShortestLife = .refuseBelow(.zero)
) -> ProviderTerms {
    let trade = TradeTerms(
        serves: serves, shortestLife: shortestLife, closeCanBeProven: closeCanBeProven,
        numberMayBeAskedAgain: mayBeAskedAgain, exposedCanBeRevived: canBeRevived)
    return ProviderTerms(trades: [.pc: trade, .h5: trade, .app: trade])
}

/// Like Alipay: one trade serves every terminal, an unopened page can't be closed, and the number stays payable.
let alipayLike = terms(closeCanBeProven: false, canBeRevived: true)

/// Like WeChat: a trade for each terminal, and a close that a query confirms.
let wechatLike = ProviderTerms(
    trades: Dictionary(
        uniqueKeysWithValues: [Terminal.pc, .h5, .app].map { ($0, terms(serves: [$0]).trades[$0]!) }))

/// Like Stripe: a session of at least half an hour, and a number that can't be sent again.
let stripeLike = terms(mayBeAskedAgain: false, shortestLife: .extendTo(.seconds(1_800)))

/// A page that is usable for five minutes by default.
func made(
    _ content: String = "<!doctype html>page", serves: Set<Terminal> = [.pc, .h5], usableFor: Duration? = .seconds(300)
) -> CreateAnswer {
    .made(ProviderPage(kind: .html, content: content, serves: serves, usableFor: usableFor))
}

func receipt(
    of trade: TradeNumber = first, _ transaction: String = "tx-1", by channel: Channel = sandbox,
    amount: Int64 = yuan.amount, ours: Bool = true, returned: Bool = false
) -> Receipt {
    Receipt(
        channel: channel, tradeNumber: trade, transactionID: TransactionID(transaction)!, amount: amount,
        currencyCode: "CNY", paidAt: HandMovedClock().now(), namesOurAccount: ours, isReturned: returned)
}

func use(_ key: String, _ fingerprint: String = "f-1", scope: String = "merchant POST /v1/payments") -> KeyUse {
    KeyUse(key: ScopedKey(scope: scope, key: IdempotencyKey(key)!), fingerprint: fingerprint)
}

/// A first pay call by the merchant.
func firstPay(
    _ number: OrderNumber = number, _ channel: Channel? = sandbox, _ terminal: Terminal? = .pc, key: KeyUse? = nil,
    user: String = "user-7", money: Money = yuan, life: Duration = .seconds(1_800), at now: Instant
) -> PayRequest {
    let draft = Order(
        number: number, userID: UserID(user)!, money: money, subject: Subject("two cups")!,
        returnURL: "https://shop.example/back", createdAt: now, deadline: now + life)
    return PayRequest(
        number: number, userID: nil, draft: draft, channel: channel, terminal: terminal, openID: nil, clientIP: nil,
        fresh: false, key: key)
}

func repay(
    _ channel: Channel? = nil, _ terminal: Terminal? = nil, fresh: Bool = false, user: String? = nil, key: KeyUse? = nil
) -> PayRequest {
    PayRequest(
        number: number, userID: user.flatMap(UserID.init), draft: nil, channel: channel, terminal: terminal,
        openID: nil, clientIP: nil, fresh: fresh, key: key)
}

extension World {
    func firstPay(key: KeyUse? = nil) -> PayRequest { PayFlowTests.firstPay(key: key, at: clock.now()) }

    /// An order with a stored page, created by a process that the test does not use.
    func withPage(_ answer: CreateAnswer = made(), key: KeyUse? = nil) async throws -> Process {
        let process = try await process()
        sandbox.willCreate(answer)
        _ = try await process.pay(firstPay(key: key)).answer()
        return process
    }
}

extension World {
    /// An order whose sandbox trade was superseded by one of WeChat's, after this answer to the sandbox's query.
    func withSwitch(
        _ query: QueryAnswer = .noSuchTrade, close: CloseAnswer = .noSuchTrade, key: KeyUse? = nil
    ) async throws -> Process {
        let process = try await withPage(made("the sandbox's"), key: key)
        sandbox.willClose(close)
        sandbox.willQuery(query)
        wechat.willCreate(made("wechat's", serves: [.pc]))
        _ = try await process.pay(repay(PayFlowTests.wechat, .pc)).answer()
        return process
    }

    /// A notice of money, as the provider sends it.
    @discardableResult
    func notify(_ receipt: Receipt, _ process: Process, id: String = "n-1") async -> NoticeReply? {
        let provider = receipt.channel == PayFlowTests.wechat ? wechat : sandbox
        let notice = provider.notice(.payment(receipt), about: "\(receipt.tradeNumber)", id: id)
        return await process.settle(notice, from: receipt.channel)
    }
}

extension Process {
    /// The observations about money, in order.
    var money: [Observation] {
        observer.observations.filter {
            switch $0 {
            case .orderEntered(.paid, _), .duplicatePayment, .latePayment, .returnedPayment, .needsPerson, .brokenWord:
                true
            default: false
            }
        }
    }
}

extension PayResult {
    /// The page, or an issue.
    func answer(sourceLocation: SourceLocation = #_sourceLocation) throws -> PayAnswer {
        switch self {
        case .served(let answer): return answer
        case .ordered:
            throw Unexpected(description: "an order without a page, line \(sourceLocation.line)")
        case .refused(let refusal, _):
            throw Unexpected(description: "refused: \(refusal), line \(sourceLocation.line)")
        }
    }

    var refusal: PayRefusal? {
        if case .refused(let refusal, _) = self { refusal } else { nil }
    }

    /// The order without a page; nil for any other result.
    var ordered: OrderedAnswer? {
        if case .ordered(let answer) = self { answer } else { nil }
    }

    var content: String? {
        if case .served(let answer) = self { answer.served.page.content } else { nil }
    }
}

extension CloseResult {
    var refusal: PayRefusal? {
        if case .refused(let refusal, _) = self { refusal } else { nil }
    }

    var state: OrderStateName? {
        if case .closed(let order) = self { order.state.name } else { nil }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
}
