import PayCore
import PayFlow
import PayTestSupport
import StoreTestSupport
import Testing

/// A shop with buyers, two providers that keep books, and one service. Everything follows from a seed.
struct RestoreDrill {
    /// A refund that the shop asked for.
    struct AskedRefund: Hashable {
        let order: OrderNumber
        let number: String
        let amount: Int64
    }

    /// The flows of one service process.
    struct Service {
        let flows: Flows
        let store: any Store

        var pay: Pay { Pay(flows) }
        var settle: Settle { Settle(flows) }

        func runJobs(at now: Instant) async throws {
            _ = try await RecoverLeases(flows).runOnce(at: now)
            _ = try await FindLostTrades(flows, marks: store).runOnce(at: now)
            _ = try await QueryAttempts(flows).runOnce(at: now)
            _ = try await ExpireOrders(flows).runOnce(at: now)
            _ = try await SubmitRefunds(flows).runOnce(at: now)
        }
    }

    let clock: HandMovedClock
    let providers: [BookKeepingProvider]
    private(set) var orders: [OrderNumber] = []
    private(set) var asked: [AskedRefund] = []
    private var random: SplitMix
    /// Calls that repeat an earlier call have a key of their own, as after a loss of memory.
    private var calls = 0

    init(seed: UInt64) {
        let clock = HandMovedClock()
        self.clock = clock
        random = SplitMix(state: seed)
        providers = [
            BookKeepingProvider(sandbox, terms: terms(), clock: clock),
            BookKeepingProvider(wechat, terms: wechatLike, clock: clock),
        ]
    }

    func service(_ name: String, _ store: any Store) -> Service {
        let rules = PayRules(
            deadlines: Deadlines(policy: .reserve, margin: .seconds(60)), switchPolicy: .allow,
            providerTimeout: .seconds(8))
        let flows = Flows(
            FlowParts(
                reads: store, due: store, decisions: store, providers: Providers(providers), clock: clock,
                observer: RecordingObserver(), rules: rules, repayMode: .cached, worker: WorkerID(name),
                publicURL: { "https://pay.example" }))
        return Service(flows: flows, store: store)
    }

    /// Ten seconds with a few calls, payments and refunds, and then the jobs.
    ///
    /// - Parameter lostNotices: whether some notices never arrive.
    mutating func work(_ service: Service, lostNotices: Bool) async throws {
        for _ in 0..<3 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3: try await payFirst(service)
            case 3..<5: try await switchChannel(service)
            case 5..<8: await buyerPays(service, lostNotices: lostNotices)
            default: try await askForRefund(service)
            }
        }
        try await rest(service)
    }

    /// Ten seconds without a call.
    func rest(_ service: Service) async throws {
        clock.advance(by: .seconds(10))
        try await service.runJobs(at: clock.now())
    }

    private mutating func payFirst(_ service: Service) async throws {
        let number = OrderNumber("drill_\(orders.count + 1000)")!
        orders.append(number)
        _ = try await service.pay(firstPay(number, sandbox, at: clock.now()))
    }

    private mutating func switchChannel(_ service: Service) async throws {
        guard let number = orders.suffix(12).randomElement(using: &random) else { return }
        let channel = Bool.random(using: &random) ? sandbox : wechat
        _ = try await service.pay(
            PayRequest(
                number: number, userID: nil, draft: nil, channel: channel, terminal: .pc, openID: nil, clientIP: nil,
                fresh: false, key: nil))
    }

    /// A buyer pays any page that can still be paid, also one of an order that is over.
    private mutating func buyerPays(_ service: Service, lostNotices: Bool) async {
        guard let provider = providers.randomElement(using: &random) else { return }
        let open = provider.books.trades.filter { $0.value.state == .unpaid }.keys.sorted { $0.text < $1.text }
        guard let trade = open.randomElement(using: &random), let notice = provider.buyerPays(trade) else { return }
        if lostNotices, Int.random(in: 0..<3, using: &random) == 0 { return }
        _ = await service.settle(notice, from: provider.channel)
    }

    private mutating func askForRefund(_ service: Service) async throws {
        guard let number = orders.suffix(20).randomElement(using: &random) else { return }
        let refund = AskedRefund(
            order: number, number: "R\(asked.count)", amount: Int64.random(in: 1...3, using: &random) * 1_000)
        if try await ask(refund, service) { asked.append(refund) }
    }

    /// Whether the service took the refund on.
    private mutating func ask(_ refund: AskedRefund, _ service: Service) async throws -> Bool {
        calls += 1
        let wish = RefundWish(
            number: RefundNumber(refund.number)!, amount: refund.amount, reason: nil, refundable: nil)
        let result = try await RequestRefund(service.flows)(wish, of: refund.order, under: use("k\(calls)", scope: "r"))
        if case .stored = result { return true }
        return false
    }

    /// The shop has no answer about the time that was lost: it sends its calls of that time again. It does not send the
    /// orders again that it knows to be paid.
    mutating func repeatCalls(since known: (orders: Int, refunds: Int), _ service: Service) async throws {
        for number in orders.dropFirst(known.orders) where !isPaid(number) {
            _ = try await service.pay(firstPay(number, sandbox, at: clock.now()))
        }
        for refund in asked.dropFirst(known.refunds) { _ = try await ask(refund, service) }
    }

    func isPaid(_ number: OrderNumber) -> Bool { !paidTrades(of: number).isEmpty }

    func paidTrades(of number: OrderNumber) -> [TradeNumber] {
        providers.flatMap { $0.books.trades.filter { $0.value.state == .paid }.keys }.filter { $0.order == number }
    }
}
