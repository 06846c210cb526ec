import Crypto
import CryptoExtras
import Foundation
import PayCore
import PayFlow
import PayTestSupport

@testable import PayProviders

/// A key pair, generated once because that is slow.
struct WeChatPayTestKey: Sendable {
    let pair: _RSA.Signing.PrivateKey
    let signing: RSASigningKey
    let verifying: RSAVerifyingKey

    init() {
        self.init(try! _RSA.Signing.PrivateKey(keySize: .bits2048))
    }

    init(_ pair: _RSA.Signing.PrivateKey) {
        self.pair = pair
        do {
            signing = try RSASigningKey(text: Secret(pair.pemRepresentation))
            verifying = try RSAVerifyingKey(text: pair.publicKey.pemRepresentation)
        } catch {
            preconditionFailure("no key: \(error)")
        }
    }

    func sha256(_ message: [UInt8]) -> String {
        try! Data(pair.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation)
            .base64EncodedString()
    }

    func sha1(_ message: [UInt8]) -> String {
        let digest = Insecure.SHA1.hash(data: message)
        return try! Data(pair.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
            .base64EncodedString()
    }
}

/// A message of WeChat, and every way in which its signature can be wrong.
struct WeChatPayTestMessage: Sendable {
    var body: [UInt8]
    var timestamp = "\(WeChatPayFixture.now.milliseconds / 1_000)"
    var nonce = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"
    var serial = WeChatPayFixture.publicKeyID
    var key = WeChatPayFixture.platformKey
    var isSHA1 = false
    var type: String?
    /// Replaces the valid signature.
    var signature: String?
    var leftOut: Set<String> = []

    init(_ body: String) {
        self.body = Array(body.utf8)
    }

    var headers: [Header] {
        let message = Array("\(timestamp)\n\(nonce)\n".utf8) + body + Array("\n".utf8)
        let signature = signature ?? (isSHA1 ? key.sha1(message) : key.sha256(message))
        var headers = [
            Header(name: "Request-ID", value: "08F78BB5AF0610D302189F"),
            Header(name: "Wechatpay-Timestamp", value: timestamp), Header(name: "Wechatpay-Nonce", value: nonce),
            Header(name: "Wechatpay-Signature", value: signature), Header(name: "Wechatpay-Serial", value: serial),
        ]
        if let type { headers.append(Header(name: "Wechatpay-Signature-Type", value: type)) }
        return headers.filter { !leftOut.contains($0.name) }
    }

    func reply(_ status: Int) -> ProviderReply { ProviderReply(status: status, headers: headers, body: body) }

    var notice: RawNotice {
        RawNotice(headers: headers.map { RawNotice.Header(name: $0.name, value: $0.value) }, body: body)
    }

    func with(_ change: (inout Self) -> Void) -> Self {
        var changed = self
        change(&changed)
        return changed
    }
}

enum WeChatPayFixture {
    static let channel = Channel("wechat")!
    static let now = HandMovedClock().now()
    static let number = TradeNumber("20261122_0001_1")!
    static let merchantKey = WeChatPayTestKey()
    /// WeChat Pay's own.
    static let platformKey = WeChatPayTestKey()
    static let strangerKey = WeChatPayTestKey()
    static let appID = "wxd678efh567hg6787"
    static let publicKeyID = "PUB_KEY_ID_0116000000012024110600000000001"
    static let apiV3Key = WeChatPayVectors.apiV3Key
    static let refusedSignature = "a signature that nobody has made"

    static func configuration(
        appIDs: WeChatPayAppIDs = WeChatPayAppIDs(appID), oauth: WeChatPayConfiguration.OAuth? = nil,
        merchantID: String = "1900007291", hasPublicKey: Bool = true,
        fetchesCertificates: Bool = false,
        notifyURL: String = "https://pay.example/v1/notices/wechat"
    ) -> WeChatPayConfiguration {
        WeChatPayConfiguration(
            merchantID: merchantID, appIDs: appIDs, serialNumber: "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB",
            signingKey: merchantKey.signing, apiV3Key: Secret(apiV3Key),
            publicKey: hasPublicKey ? .init(id: publicKeyID, key: platformKey.verifying) : nil,
            fetchesCertificates: fetchesCertificates, baseURL: "http://127.0.0.1:9000", oauth: oauth,
            notifyURL: { notifyURL })
    }

    static func provider(
        _ configuration: WeChatPayConfiguration = configuration(), over transport: any ProviderTransport,
        clock: HandMovedClock = HandMovedClock(), nonce: @escaping @Sendable () -> String = WeChatPayNonce.random
    ) -> WeChatPayProvider {
        WeChatPayProvider(
            configuration, transport: GuardedTransport(transport, clock: clock), clock: clock, nonce: nonce)
    }

    static func provider(answered reply: ProviderReply) -> WeChatPayProvider {
        provider(over: SandboxScript { _ in reply })
    }

    /// A success is signed and an error is not, as by WeChat.
    static func provider(answered status: Int, _ body: String) -> WeChatPayProvider {
        let isSuccess = (200...299).contains(status)
        return provider(
            answered: isSuccess
                ? WeChatPayTestMessage(body).reply(status) : ProviderReply(status: status, body: Array(body.utf8)))
    }

    /// A provider for notices only, which makes no calls.
    static let listener = provider(answered: 500, "")

    static func stored(
        _ terminal: Terminal = .pc, subject: String = "Image形象店-深圳腾大-QQ公仔",
        returnURL: String? = "https://shop.example/back?order=1&from=微信", clientIP: String? = "203.0.113.9",
        appID: String? = appID
    ) -> StoredRequest {
        StoredRequest(
            terminal: terminal,
            payer: Payer(openID: terminal.needsOpenID ? "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" : "", clientIP: clientIP),
            money: Money(amount: 9_900, currency: Currency("CNY")!)!, subject: Subject(subject)!,
            providerDeadline: now + .milliseconds(1_800_999), notifyURL: "https://pay.example/v1/notices/wechat",
            returnURL: returnURL, appID: appID)
    }

    static func create(_ terminal: Terminal = .pc) -> CreateRequest { create(stored(terminal)) }

    static func create(_ stored: StoredRequest) -> CreateRequest {
        CreateRequest(
            tradeNumber: number, channel: channel, stored: stored, terminal: stored.terminal,
            openID: stored.payer.openID, createdAt: now)
    }

    static let trade = TradeReference(
        Attempt(
            number: number, channel: channel, request: stored(), createdAt: now, state: .open, stateSince: now,
            lastWordAt: now))

    static let refund = RefundRequest(
        number: "20261122_0001_1_r1", tradeNumber: number, transactionID: TransactionID("4200000001")!,
        money: stored().money, total: stored().money, cause: .duplicate, reason: nil, createdAt: now)

    static let receipt = receipt(isReturned: false)

    static func receipt(isReturned: Bool) -> Receipt {
        Receipt(
            channel: channel, tradeNumber: number, transactionID: TransactionID("4200000001")!, amount: 9_900,
            currencyCode: "CNY", paidAt: Instant(milliseconds: 1_795_341_601_000), namesOurAccount: true,
            appID: appID, isReturned: isReturned)
    }

    /// A paid trade, as in a query's answer and in a notice. `success_time` is a second after now.
    static func paid(
        number: String = number.text, state: String = "SUCCESS", merchantID: String = "1900007291",
        appID: String = appID, amount: String = #"{"total":9900,"payer_total":9900,"currency":"CNY"}"#,
        successTime: String = "2026-11-22T18:00:01+08:00"
    ) -> String {
        #"{"amount":\#(amount),"appid":"\#(appID)","mchid":"\#(merchantID)","out_trade_no":"\#(number)","#
            + #""success_time":"\#(successTime)","trade_state":"\#(state)","trade_type":"NATIVE","#
            + #""transaction_id":"4200000001"}"#
    }

    /// Encrypted like the content of WeChat's notices.
    static func envelope(
        _ content: String, event: String = "TRANSACTION.SUCCESS", id: String = "EV-2018022511223320873",
        key: String = apiV3Key, algorithm: String = "AEAD_AES_256_GCM", sealedFor: String = "transaction",
        claims associatedData: String? = "transaction", cutting: Int = 0
    ) -> String {
        let nonce = "fdasfjihihih"
        let box = try! AES.GCM.seal(
            Array(content.utf8), using: SymmetricKey(data: Array(key.utf8)),
            nonce: AES.GCM.Nonce(data: Array(nonce.utf8)), authenticating: Array(sealedFor.utf8))
        let sealed = (box.ciphertext + box.tag).dropLast(cutting).base64EncodedString()
        let associated = associatedData.map { #""associated_data":"\#($0)","# } ?? ""
        return #"{"id":"\#(id)","create_time":"2026-11-22T18:00:01+08:00","resource_type":"encrypt-resource","#
            + #""event_type":"\#(event)","summary":"支付成功","resource":{"original_type":"transaction","#
            + #""algorithm":"\#(algorithm)",\#(associated)"nonce":"\#(nonce)","ciphertext":"\#(sealed)"}}"#
    }
}
