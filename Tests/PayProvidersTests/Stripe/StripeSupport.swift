import Crypto
import PayCore
import PayFlow
import PayTestSupport
import Synchronization

@testable import PayProviders

/// A transport that answers each request by a script and records it.
final class StripeScript: ProviderTransport {
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

enum StripeFixture {
    static let webhookSecret = "whsec_test_secret"
    static let channel = Channel("stripe")!
    static let now = HandMovedClock().now()
    static let nowSeconds = now.milliseconds / 1_000
    static let number = TradeNumber("20261122_0001_1")!
    static let reference = ProviderReference("cs_test_a1")!

    static func configuration(key: String = "sk_test_key", secret: String = webhookSecret) -> StripeConfiguration {
        StripeConfiguration(
            secretKey: Secret(key), webhookSecret: Secret(secret), baseURL: "http://127.0.0.1:9000")
    }

    static func provider(
        over transport: any ProviderTransport = StripeScript { _ in ProviderReply(status: 500) },
        _ configuration: StripeConfiguration = configuration(), clock: HandMovedClock = HandMovedClock()
    ) -> StripeProvider {
        StripeProvider(configuration, transport: GuardedTransport(transport, clock: clock), clock: clock)
    }

    /// A provider that gets this reply to every call.
    static func provider(answered status: Int, _ body: String) -> StripeProvider {
        provider(over: StripeScript { _ in ProviderReply(status: status, body: Array(body.utf8)) })
    }

    static func stored(
        _ money: Money = Money(amount: 1_999, currency: Currency("USD")!)!, subject: String = "Tea for two",
        deadline: Instant = now + .seconds(1_800), notifyURL: String = "https://pay.example.com/v1/notices/stripe",
        returnURL: String? = nil
    ) -> StoredRequest {
        StoredRequest(
            terminal: .pc, payer: .none, money: money, subject: Subject(subject)!, providerDeadline: deadline,
            notifyURL: notifyURL, returnURL: returnURL)
    }

    static func create(
        for terminal: Terminal = .pc, _ stored: StoredRequest = stored(), named reference: ProviderReference? = nil
    ) -> CreateRequest {
        CreateRequest(
            tradeNumber: number, channel: channel, stored: stored, terminal: terminal, openID: "", createdAt: now,
            reference: reference)
    }

    static func trade(
        _ number: TradeNumber = number, named reference: ProviderReference? = reference,
        _ stored: StoredRequest = stored()
    ) -> TradeReference {
        TradeReference(
            Attempt(
                number: number, channel: channel, request: stored, createdAt: now, state: .open, stateSince: now,
                reference: reference, lastWordAt: now))
    }

    static let refund = RefundRequest(
        number: "20261122_0001_1_r1", tradeNumber: number, transactionID: TransactionID("pi_1")!,
        money: stored().money, total: stored().money, cause: .duplicate, reason: nil, createdAt: now)

    static func receipt(paidAt: Instant = now, namesOurAccount: Bool = true) -> Receipt {
        Receipt(
            channel: channel, tradeNumber: number, transactionID: TransactionID("pi_1")!, amount: 1_999,
            currencyCode: "USD", paidAt: paidAt, namesOurAccount: namesOurAccount)
    }

    static let page = ProviderPage(
        kind: .redirect, content: "https://checkout.stripe.com/c/pay/cs_test_a1#fid", serves: [.pc, .h5, .app],
        usableFor: nil, sessionEndsAt: now + .seconds(2_400), reference: reference)

    /// A signature in the format of Stripe's library, computed without the adapter's code.
    static func signature(
        of body: [UInt8], at seconds: Int64 = nowSeconds, secret: String = webhookSecret
    ) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(seconds).".utf8) + body, using: SymmetricKey(data: Array(secret.utf8)))
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func notice(_ body: String, signedBy header: String? = nil) -> RawNotice {
        let bytes = Array(body.utf8)
        let header = header ?? "t=\(nowSeconds),v1=\(signature(of: bytes))"
        return RawNotice(headers: [RawNotice.Header(name: "Stripe-Signature", value: header)], body: bytes)
    }

    static func event(_ type: String, _ object: String, livemode: Bool = false) -> String {
        #"{"id":"evt_1","object":"event","api_version":"2026-10-28.endive","created":\#(nowSeconds - 5),"#
            + #""livemode":\#(livemode),"type":"\#(type)","data":{"object":\#(object)}}"#
    }

    static func error(_ type: String, code: String? = nil) -> String {
        let code = code.map { #","code":"\#($0)""# } ?? ""
        return #"{"error":{"type":"\#(type)"\#(code),"message":"No such secret: sk_test_key","doc_url":"https://x"}}"#
    }
}

/// A session in Stripe's JSON. Each test changes the fields that it is about.
struct StripeSample {
    var id = "cs_test_a1"
    var object = "checkout.session"
    var url: String? = "https://checkout.stripe.com/c/pay/cs_test_a1#fid"
    var status: String? = "open"
    var paymentStatus = "unpaid"
    var expiresAt: Int64? = StripeFixture.nowSeconds + 2_400
    var amount: Int64? = 1_999
    var currency: String? = "usd"
    var clientReference: String? = "20261122_0001_1"
    /// JSON.
    var paymentIntent = "null"
    var livemode = false
    /// JSON.
    var metadata = #"{"trade_no":"20261122_0001_1"}"#

    init(_ change: (inout Self) -> Void = { _ in }) {
        change(&self)
    }

    static func paid(_ change: (inout Self) -> Void = { _ in }) -> Self {
        Self {
            $0.url = nil
            $0.status = "complete"
            $0.paymentStatus = "paid"
            $0.paymentIntent = #""pi_1""#
            change(&$0)
        }
    }

    static func expired(_ change: (inout Self) -> Void = { _ in }) -> Self {
        Self {
            $0.url = nil
            $0.status = "expired"
            change(&$0)
        }
    }

    var json: String {
        #"{"id":"\#(id)","object":"\#(object)","adaptive_pricing":{"enabled":true},"amount_subtotal":1999,"#
            + #""amount_total":\#(amount.map(String.init) ?? "null"),"client_reference_id":\#(quoted(clientReference)),"#
            + #""created":\#(StripeFixture.nowSeconds),"currency":\#(quoted(currency)),"custom_fields":[],"#
            + #""expires_at":\#(expiresAt.map(String.init) ?? "null"),"livemode":\#(livemode),"metadata":\#(metadata),"#
            + #""mode":"payment","payment_intent":\#(paymentIntent),"payment_status":"\#(paymentStatus)","#
            + #""status":\#(quoted(status)),"ui_mode":"hosted_page","url":\#(quoted(url))}"#
    }

    private func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "null" }
}

/// A refund in Stripe's JSON.
struct StripeRefundSample {
    var id = "re_1"
    var object = "refund"
    var created: Int64?
    var status = "succeeded"
    var amount: Int64 = 1_999
    var currency = "usd"
    var paymentIntent = "pi_1"
    var number: String? = "20261122_0001_1_r1"

    init(_ change: (inout Self) -> Void = { _ in }) {
        change(&self)
    }

    var json: String {
        #"{"id":"\#(id)","object":"\#(object)","amount":\#(amount),"charge":"ch_1","#
            + #""created":\#(created.map(String.init) ?? "null"),"currency":"\#(currency)","#
            + #""metadata":{\#(number.map { #""refund_no":"\#($0)""# } ?? "")},"payment_intent":"\#(paymentIntent)","#
            + #""reason":null,"status":"\#(status)"}"#
    }

    static func list(_ refunds: [Self], hasMore: Bool = false) -> String {
        #"{"object":"list","data":[\#(refunds.map(\.json).joined(separator: ","))],"has_more":\#(hasMore),"#
            + #""url":"/v1/refunds"}"#
    }
}
