import PayCore
public import PayFlow
public import PayTestSupport
import Testing

/// An adapter, the counterpart that it talks to over real HTTP, and the clock that both see.
public struct ProviderBench: Sendable {
    /// How an adapter is wired for a case.
    public struct Wiring: Sendable {
        /// Where it calls.
        public let baseURL: String
        /// How long it waits for an answer, by the real clock. Connecting may take as long.
        public let totalTimeout: Duration

        init(baseURL: String, totalTimeout: Duration) {
            self.baseURL = baseURL
            self.totalTimeout = totalTimeout
        }
    }

    /// For a time-out that is to happen, and for what must not be decided by one on a busy machine.
    private static let hasty = Duration.milliseconds(1_500)
    private static let patient = Duration.seconds(50)

    public let fake: any ProviderFake
    public let clock: HandMovedClock
    public let traits: ProviderTraits
    private let adapter: @Sendable (Wiring) -> any PaymentProvider
    private let end: @Sendable () async -> Void
    let provider: any PaymentProvider

    /// The fake runs already. `adapter` makes an adapter of it, each with a transport of its own; `end` closes their
    /// transports. The fake is stopped by ``finish()``.
    public init(
        fake: any ProviderFake, clock: HandMovedClock, traits: ProviderTraits,
        adapter: @escaping @Sendable (Wiring) -> any PaymentProvider,
        end: @escaping @Sendable () async -> Void = {}
    ) {
        self.fake = fake
        self.clock = clock
        self.traits = traits
        self.adapter = adapter
        self.end = end
        provider = adapter(Wiring(baseURL: fake.baseURL, totalTimeout: Self.patient))
    }

    func finish() async {
        await end()
        await fake.stop()
    }

    /// An adapter that soon gives up waiting.
    var hastyProvider: any PaymentProvider {
        adapter(Wiring(baseURL: fake.baseURL, totalTimeout: Self.hasty))
    }

    func provider(at baseURL: String) -> any PaymentProvider {
        adapter(Wiring(baseURL: baseURL, totalTimeout: Self.patient))
    }

    /// Moves the clock on until the provider may be called again.
    func catchBreath(_ provider: (any PaymentProvider)? = nil) {
        while let pause = (provider ?? self.provider).pause(at: clock.now()) { clock.advance(by: pause) }
    }
}

/// A trade as the adapter's calls name it.
struct BenchTrade: Sendable {
    let request: CreateRequest
    let page: ProviderPage
    let reference: TradeReference

    var number: String { request.tradeNumber.text }
}

extension ProviderBench {
    static let life = Duration.seconds(1_800)

    var minorUnits: Int64 { 9_900 }

    /// What an order of the suite asks for: `order` tells one trade from another.
    func request(
        order: Int = 1, for terminal: Terminal? = nil, amount: Int64? = nil, subject: String = "Tea for two"
    ) -> CreateRequest {
        let terminal = terminal ?? traits.terminal
        let openID = provider.terms.bound("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", on: terminal)
        let now = start
        let stored = StoredRequest(
            terminal: terminal, payer: Payer(openID: openID, clientIP: "203.0.113.7"),
            money: Money(amount: amount ?? minorUnits, currency: Currency(traits.currency)!)!,
            subject: Subject(subject)!, providerDeadline: now + Self.life,
            notifyURL: "https://pay.example/v1/notices/\(provider.channel)", returnURL: "https://shop.example/thanks")
        return CreateRequest(
            tradeNumber: TradeNumber(order: OrderNumber("suite_\(order)")!, sequence: 1), channel: provider.channel,
            stored: stored, terminal: terminal, openID: openID, createdAt: now)
    }

    /// When every case begins.
    private var start: Instant { HandMovedClock().now() }

    func reference(to request: CreateRequest, _ reference: ProviderReference? = nil) -> TradeReference {
        TradeReference(
            Attempt(
                number: request.tradeNumber, channel: request.channel, request: request.stored,
                createdAt: request.createdAt, state: .open, stateSince: request.createdAt, reference: reference,
                lastWordAt: request.stored.providerDeadline))
    }

    /// Makes a page. Throws when there is none.
    func make(_ request: CreateRequest) async throws -> BenchTrade {
        let answer = await provider.create(request)
        guard case .made(let page) = answer else { throw FakeProblem("no page for \(request.tradeNumber): \(answer)") }
        return BenchTrade(request: request, page: page, reference: reference(to: request, page.reference))
    }

    /// Makes a page, and the buyer opens it: the trade is in the provider's books.
    func open(order: Int = 1) async throws -> BenchTrade {
        let trade = try await make(request(order: order))
        try await fake.open(trade.page, terminal: trade.request.terminal)
        return trade
    }

    /// A trade that is paid, and the proof of it.
    func paid(order: Int = 1) async throws -> (trade: BenchTrade, receipt: Receipt) {
        let trade = try await open(order: order)
        _ = try await fake.pay(trade.number)
        let answer = await provider.query(trade.reference)
        guard case .paid(let receipt) = answer else { throw FakeProblem("paid, and a query says \(answer)") }
        return (trade, receipt)
    }

    func refund(_ receipt: Receipt, number: Int = 1, amount: Int64? = nil) -> Refund {
        Refund(
            number: "\(receipt.tradeNumber)_r\(number)", tradeNumber: receipt.tradeNumber,
            transactionID: receipt.transactionID,
            money: Money(amount: amount ?? receipt.amount, currency: Currency(receipt.currencyCode)!)!,
            state: .pending, createdAt: clock.now(), askAt: clock.now())
    }

    /// What a refund that the provider has just taken comes to.
    var refundTaken: RefundAnswer { traits.refundsTakeTime ? .submitted : .succeeded }
}
