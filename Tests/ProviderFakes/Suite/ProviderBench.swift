import PayCore
public import PayFlow
public import PayTestSupport
import Testing

/// An adapter, its fake over real HTTP, and the clock of both.
public struct ProviderBench: Sendable {
    /// The wiring of an adapter for a case.
    public struct Wiring: Sendable {
        /// The adapter's base URL.
        public let baseURL: String
        /// The time-out for an answer and for connecting, by the real clock.
        public let totalTimeout: Duration

        init(baseURL: String, totalTimeout: Duration) {
            self.baseURL = baseURL
            self.totalTimeout = totalTimeout
        }
    }

    /// For time-outs that must happen, and for outcomes that must not depend on one on a busy machine.
    private static let hasty = Duration.milliseconds(1_500)
    private static let patient = Duration.seconds(50)

    public let fake: any ProviderFake
    public let clock: HandMovedClock
    public let traits: ProviderTraits
    private let adapter: @Sendable (Wiring) -> any PaymentProvider
    private let end: @Sendable () async -> Void
    let provider: any PaymentProvider

    /// The fake must be running. `adapter` makes an adapter with its own transport, and `end` closes these transports.
    /// ``finish()`` stops the fake.
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

    /// An adapter with a short time-out.
    var hastyProvider: any PaymentProvider {
        adapter(Wiring(baseURL: fake.baseURL, totalTimeout: Self.hasty))
    }

    func provider(at baseURL: String) -> any PaymentProvider {
        adapter(Wiring(baseURL: baseURL, totalTimeout: Self.patient))
    }

    /// Moves the clock until the provider may be called again.
    func catchBreath(_ provider: (any PaymentProvider)? = nil) {
        while let pause = (provider ?? self.provider).pause(at: clock.now()) { clock.advance(by: pause) }
    }
}

/// The names of a trade in the adapter's calls.
struct BenchTrade: Sendable {
    let request: CreateRequest
    let page: ProviderPage
    let reference: TradeReference

    var number: String { request.tradeNumber.text }
}

extension ProviderBench {
    static let life = Duration.seconds(1_800)

    var minorUnits: Int64 { 9_900 }

    /// The request for an order of the suite. `order` distinguishes the trades.
    func request(
        order: Int = 1, for terminal: Terminal? = nil, amount: Int64? = nil, subject: String = "Tea for two"
    ) -> CreateRequest {
        let terminal = terminal ?? traits.terminal
        // An openid belongs to one app, and each terminal may have its own.
        let openID = provider.terms.bound("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o_\(terminal)", on: terminal)
        let now = start
        let stored = StoredRequest(
            terminal: terminal, payer: Payer(openID: openID, clientIP: "203.0.113.7"),
            money: Money(amount: amount ?? minorUnits, currency: Currency(traits.currency)!)!,
            subject: Subject(subject)!, providerDeadline: now + Self.life,
            notifyURL: "https://pay.example/v1/notices/\(provider.channel)", returnURL: "https://shop.example/thanks",
            appID: provider.appID(for: terminal))
        return CreateRequest(
            tradeNumber: TradeNumber(order: OrderNumber("suite_\(order)")!, sequence: 1), channel: provider.channel,
            stored: stored, terminal: terminal, openID: openID, createdAt: now)
    }

    /// The start time of every case.
    private var start: Instant { HandMovedClock().now() }

    func reference(to request: CreateRequest, _ reference: ProviderReference? = nil) -> TradeReference {
        TradeReference(
            Attempt(
                number: request.tradeNumber, channel: request.channel, request: request.stored,
                createdAt: request.createdAt, state: .open, stateSince: request.createdAt, reference: reference,
                lastWordAt: request.stored.providerDeadline))
    }

    /// Makes a page. Throws if there is none.
    func make(_ request: CreateRequest) async throws -> BenchTrade {
        let answer = await provider.create(request)
        guard case .made(let page) = answer else { throw FakeProblem("no page for \(request.tradeNumber): \(answer)") }
        return BenchTrade(request: request, page: page, reference: reference(to: request, page.reference))
    }

    /// Makes a page that the buyer then opens, so that the trade is in the provider's books.
    func open(order: Int = 1) async throws -> BenchTrade {
        let trade = try await make(request(order: order))
        try await fake.open(trade.page, terminal: trade.request.terminal)
        return trade
    }

    /// A paid trade and its receipt.
    func paid(order: Int = 1) async throws -> (trade: BenchTrade, receipt: Receipt) {
        let trade = try await open(order: order)
        _ = try await fake.pay(trade.number)
        let answer = await provider.query(trade.reference)
        guard case .paid(let receipt) = answer else { throw FakeProblem("paid, but the query answers \(answer)") }
        return (trade, receipt)
    }

    func refund(
        _ receipt: Receipt, number: Int = 1, amount: Int64? = nil, reason: String? = nil
    ) -> RefundRequest {
        refund(
            receipt, numbered: "\(receipt.tradeNumber)_\(amount == nil ? "r" : "m")\(number)", amount: amount,
            cause: amount == nil ? .duplicate : .merchant, reason: reason)
    }

    func refund(
        _ receipt: Receipt, numbered number: String, amount: Int64?, cause: RefundCause, reason: String? = nil
    ) -> RefundRequest {
        RefundRequest(
            number: number, tradeNumber: receipt.tradeNumber, transactionID: receipt.transactionID,
            money: Money(amount: amount ?? receipt.amount, currency: Currency(receipt.currencyCode)!)!,
            total: receipt.money!, cause: cause, reason: reason.flatMap(RefundReason.init), createdAt: clock.now())
    }

    /// Moves the clock until the provider takes another refund of a trade.
    func pauseBetweenRefunds() {
        clock.advance(by: provider.terms.refunds.pause)
    }

    /// A refund of the provider's console, as the adapter should find it.
    func foreign(_ number: String, of receipt: Receipt, amount: Int64, refundedAt: Instant?) -> ForeignRefund {
        ForeignRefund(
            number: number, tradeNumber: receipt.tradeNumber, transactionID: receipt.transactionID,
            money: Money(amount: amount, currency: Currency(receipt.currencyCode)!)!, refundedAt: refundedAt)!
    }

    /// The adapter's answer, without its time, for a refund that the provider has just accepted.
    var refundTaken: RefundAnswer { traits.refundsTakeTime ? .submitted : .succeeded() }
}
