import Foundation
import LedgerSQL
import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ProviderFakes
import SQLiteStore

/// A service within the test process: the flows, a database file, and the adapters with HTTP connections to their
/// counterparts. All of them use a clock that is moved by hand, which is impossible for a binary.
struct HandMovedPlay: Sendable {
    static let order = OrderNumber("by_hand_0001")!
    static let margin = Duration.seconds(60)
    static let weChatAppIDs = WeChatPayAppIDs(FakeWeChatPay.appID)

    let clock: HandMovedClock
    let players: Players
    let ledger: SQLiteLedger
    let flows: Flows
    private let path: String
    private let start: @Sendable (SQLiteLedger, WorkerID, WeChatPayAppIDs) throws -> Flows

    static func run(
        alipayPC: AlipayConfiguration.PCMethod = .page, weChatTrust: FakeWeChatPaySigner = .publicKey,
        _ body: (HandMovedPlay) async throws -> Void
    ) async throws {
        let clock = HandMovedClock()
        let players = Players(clock: clock, weChatTrust: weChatTrust)
        let transport = CurlTransport(limits: .init(connectTimeout: .seconds(50), totalTimeout: .seconds(50)))
        try await withFolder { folder in
            try await players.whileRunning {
                let path = "\(folder)/paypage.sqlite"
                let ledger = try SQLiteLedger(path: path)
                try await ledger.keepEndpoints(
                    [EndpointEntry(.standard, origin: "https://shop.example")], at: clock.now())
                let rules = PayRules(
                    deadlines: Deadlines(policy: .reserve, margin: margin), switchPolicy: .allow,
                    providerTimeout: .seconds(8))
                let start = {
                    @Sendable (ledger: SQLiteLedger, worker: WorkerID, appIDs: WeChatPayAppIDs) throws -> Flows in
                    let providers = try players.providers(
                        transport: transport, clock: clock, alipayPC: alipayPC, weChatAppIDs: appIDs)
                    return Flows(
                        FlowParts(
                            ledger: ledger, providers: providers, clock: clock, observer: RecordingObserver(),
                            rules: rules, repayMode: .cached, worker: worker, publicURL: { "https://pay.example" }))
                }
                let play = HandMovedPlay(
                    clock: clock, players: players, ledger: ledger,
                    flows: try start(ledger, WorkerID("by-hand"), Self.weChatAppIDs), path: path, start: start)
                let outcome = await Result { try await body(play) }
                await play.flows.drain()
                try ledger.close()
                try outcome.get()
            }
        }
        await transport.close()
    }

    /// Another process on the same database, in place of one that has died. The body closes its ledger.
    func restarted(weChatAppIDs: WeChatPayAppIDs = Self.weChatAppIDs) throws -> HandMovedPlay {
        let ledger = try SQLiteLedger(path: path)
        return HandMovedPlay(
            clock: clock, players: players, ledger: ledger,
            flows: try start(ledger, WorkerID("by-another-hand"), weChatAppIDs), path: path, start: start)
    }

    /// Moves the clock to this long after the beginning.
    func move(to moment: Duration) { clock.advance(by: HandMovedClock().now() + moment - clock.now()) }

    /// Runs all clock jobs until they find no more work.
    func runClockwork() async throws {
        for _ in 1...3 {
            _ = try await RecoverLeases(flows).runOnce(at: clock.now())
            _ = try await SubmitRefunds(flows).runOnce(at: clock.now())
            _ = try await QueryAttempts(flows).runOnce(at: clock.now())
            _ = try await ExpireOrders(flows).runOnce(at: clock.now())
        }
    }

    func stored() async throws -> Order {
        guard let order = try await ledger.order(Self.order) else { throw FakeProblem("there is no order") }
        return order
    }

    /// The state of each attempt, by its number within the order.
    func attempts() async throws -> [String] {
        try await stored().attempts.map { "_\($0.number.sequence) \($0.state.name)" }
    }
}

// The calls to it.
extension HandMovedPlay {
    func firstPay(on name: PlayedName, terminal: Terminal = .pc, life: Duration) async throws -> PayAnswer {
        let now = clock.now()
        let draft = Order(
            number: Self.order, userID: UserID("u1")!, money: Money(amount: 9_900, currency: Currency("CNY")!)!,
            subject: Subject("A book")!, returnURL: nil, createdAt: now, deadline: now + life)
        return try await pay(draft, on: name, terminal: terminal).answer
    }

    func repay(on name: PlayedName? = nil, terminal: Terminal? = nil) async throws -> PayAnswer {
        try await pay(nil, on: name, terminal: terminal).answer
    }

    /// The refusal of a repay; nil if it gets a page.
    func refusalToRepay() async throws -> PayRefusal? {
        if case .refused(let refusal, _) = try await pay(nil, on: nil, terminal: nil) { refusal } else { nil }
    }

    private func pay(_ draft: Order?, on name: PlayedName?, terminal: Terminal?) async throws -> PayResult {
        try await Pay(flows)(
            PayRequest(
                number: Self.order, userID: nil, draft: draft, channel: name.flatMap { Channel($0.rawValue) },
                terminal: terminal, openID: nil, clientIP: "203.0.113.7", fresh: false, key: nil))
    }

    /// The buyer's browser opens a served page.
    func open(_ answer: PayAnswer, on name: PlayedName, terminal: Terminal = .pc) async throws {
        let page = answer.served.page
        let given = ProviderPage(kind: page.kind, content: page.content, serves: [terminal], usableFor: nil)
        try await players[name].open(given, terminal: terminal)
    }

    /// The provider sends the notice of a payment. True if the answer stops the retries.
    func tell(_ trade: String, on name: PlayedName) async throws -> Bool {
        let notice = try await players[name].notice(ofPayment: trade)
        guard let reply = await Settle(flows)(notice.raw, from: Channel(name.rawValue)!) else { return false }
        return players[name].expects(reply.status, reply.contentType, Array(reply.body.utf8))
    }
}

extension PayResult {
    /// Throws if there is none.
    fileprivate var answer: PayAnswer {
        get throws {
            switch self {
            case .served(let answer): return answer
            case .ordered: throw FakeProblem("an order without a page")
            case .refused(let refusal, _): throw FakeProblem("refused: \(refusal)")
            }
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

extension Players {
    /// The adapters, each connected to its counterpart.
    fileprivate func providers(
        transport: CurlTransport, clock: any PayClock, alipayPC: AlipayConfiguration.PCMethod,
        weChatAppIDs: WeChatPayAppIDs
    ) throws -> Providers {
        func guarded() -> GuardedTransport { GuardedTransport(transport, clock: clock) }
        let alipay = AlipayConfiguration(
            appID: alipay.appID, signingKey: try RSASigningKey(text: Secret(alipay.keys.applicationPrivateKey)),
            keys: .publicKey(try RSAVerifyingKey(text: alipay.keys.alipayPublicKey)), gatewayURL: alipay.gatewayURL,
            sellerID: alipay.sellerID, pcMethod: alipayPC)
        let weChatKey = WeChatPayConfiguration.PublicKey(
            id: FakeWeChatPay.publicKeyID, key: try RSAVerifyingKey(text: FakeWeChatPay.publicKey))
        let wechat = WeChatPayConfiguration(
            merchantID: FakeWeChatPay.merchantID, appIDs: weChatAppIDs,
            serialNumber: FakeWeChatPay.serialNumber,
            signingKey: try RSASigningKey(text: Secret(FakeWeChatPay.merchantKey)),
            apiV3Key: Secret(FakeWeChatPay.apiV3Key), publicKey: weChatTrust == .publicKey ? weChatKey : nil,
            fetchesCertificates: weChatTrust == .certificate, baseURL: wechat.baseURL,
            notifyURL: { "https://pay.example/v1/notices/wechat" })
        let stripe = StripeConfiguration(
            secretKey: Secret(stripe.secretKey), webhookSecret: Secret(stripe.webhookSecret), baseURL: stripe.baseURL)
        let downloads = FileDownloader(
            folder: FileManager.default.temporaryDirectory.path, connectTimeout: .seconds(50))
        return Providers([
            AlipayProvider(alipay, transport: guarded(), clock: clock, downloads: downloads),
            WeChatPayProvider(wechat, transport: guarded(), clock: clock, downloads: downloads),
            StripeProvider(stripe, transport: guarded(), clock: clock, downloads: downloads),
        ])
    }
}
