import PayCore
import PayFlow
import PayTestSupport
import Synchronization

@testable import PayProviders

/// A transport that answers each request by a script and records it.
final class SandboxScript: ProviderTransport {
    typealias Line = @Sendable (ProviderRequest) throws(TransportError) -> ProviderReply

    private let line: Line
    private let asked = Mutex<[ProviderRequest]>([])

    init(_ line: @escaping Line) {
        self.line = line
    }

    var requests: [ProviderRequest] { asked.withLock { $0 } }

    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        asked.withLock { $0.append(request) }
        return try line(request)
    }
}

enum SandboxFixture {
    static let secret = Secret("a secret that the sandbox shares with its clients")
    static let signer = SandboxSigner(secret: secret)
    static let channel = Channel("sandbox")!
    static let now = HandMovedClock().now()
    static let number = TradeNumber("20261122_0001_1")!

    static func configuration(
        pcKind: SandboxConfiguration.PCKind = .html, tradeScope: SandboxConfiguration.TradeScope = .order
    ) -> SandboxConfiguration {
        SandboxConfiguration(
            channel: channel, baseURL: "http://127.0.0.1:9000/sandbox", secret: secret, pageTTL: .seconds(7_200),
            pcKind: pcKind, tradeScope: tradeScope)
    }

    static func provider(
        _ configuration: SandboxConfiguration = configuration(), over transport: any ProviderTransport
    ) -> SandboxProvider {
        SandboxProvider(
            configuration, transport: GuardedTransport(transport, clock: HandMovedClock()), clock: HandMovedClock())
    }

    /// A provider that gets this reply to every call, signed as by the real sandbox.
    static func provider(answered status: Int, _ body: String) -> SandboxProvider {
        provider(over: SandboxScript { request in signed(status, body, inAnswerTo: request) })
    }

    static func signed(
        _ status: Int, _ body: String, inAnswerTo request: ProviderRequest, by signer: SandboxSigner = signer
    ) -> ProviderReply {
        let name = request.headers.first { $0.name == SandboxSignature.signatureHeader }?.value ?? ""
        let use = SandboxUse.reply(status: status, toRequestSignedBy: name)
        let body = Array(body.utf8)
        return ProviderReply(status: status, headers: signer.sign(body, for: use, at: now).headers, body: body)
    }

    static let stored = StoredRequest(
        terminal: .pc, payer: .none, money: Money(amount: 9_900, currency: Currency("CNY")!)!,
        subject: Subject("Tea for two")!, providerDeadline: now + .seconds(1_800),
        notifyURL: "http://127.0.0.1:8080/v1/notices/sandbox", returnURL: nil)

    static func create(for terminal: Terminal = .pc) -> CreateRequest {
        CreateRequest(
            tradeNumber: number, channel: channel, stored: stored, terminal: terminal, openID: "", createdAt: now)
    }

    static let trade = TradeReference(
        Attempt(
            number: number, channel: channel, request: stored, createdAt: now, state: .open, stateSince: now,
            lastWordAt: now))

    static let refund = RefundRequest(
        number: "20261122_0001_1_r1", tradeNumber: number, transactionID: TransactionID("sbx_1")!,
        money: stored.money, total: stored.money, cause: .duplicate, reason: nil, createdAt: now)

    static let receipt = receipt()

    static func receipt(paidAt: Instant = now, isReturned: Bool = false) -> Receipt {
        Receipt(
            channel: channel, tradeNumber: number, transactionID: TransactionID("sbx_1")!, amount: 9_900,
            currencyCode: "CNY", paidAt: paidAt, namesOurAccount: true, isReturned: isReturned)
    }

    static let payment = SandboxWire.Payment(
        transactionID: "sbx_1", amount: 9_900, currency: "CNY", paidAtMS: now.milliseconds)
}
