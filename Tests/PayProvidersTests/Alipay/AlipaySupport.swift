import Crypto
import CryptoExtras
import Foundation
import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Synchronization

@testable import PayProviders

/// A gateway that answers each request by a script and records it.
final class AlipayScript: ProviderTransport {
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

/// A test's key, also for forged messages.
struct AlipayTestKey: Sendable {
    private let key: _RSA.Signing.PrivateKey
    let signing: RSASigningKey

    init() {
        do {
            key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            signing = try RSASigningKey(text: Secret(key.pemRepresentation))
        } catch {
            preconditionFailure("no key can be made: \(error)")
        }
    }

    var verifying: RSAVerifyingKey { signing.verifyingKey }

    func sign(_ text: String) -> String {
        Data(signing.sign(Array(text.utf8))).base64EncodedString()
    }

    /// Alipay's sign type RSA, as opposed to RSA2.
    func signBySHA1(_ text: String) throws -> String {
        let digest = Insecure.SHA1.hash(data: Array(text.utf8))
        return try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation.base64EncodedString()
    }
}

enum AlipayFixture {
    static let application = AlipayTestKey()
    static let alipay = AlipayTestKey()
    static let somebody = AlipayTestKey()

    static let appID = "2021000000000001"
    static let sellerID = "2088000000000001"
    static let gatewayURL = "https://gateway.invalid/gateway.do"
    static let channel = Channel("alipay")!
    static let number = TradeNumber("20261122_0001_1")!
    /// 2026-11-22 18:00:00 in GMT+8.
    static let now = HandMovedClock().now()

    static func configuration(
        pcMethod: AlipayConfiguration.PCMethod = .page, sellerID: String? = nil,
        alipayKey: RSAVerifyingKey = alipay.verifying, appID: String = appID, gatewayURL: String = gatewayURL
    ) -> AlipayConfiguration {
        AlipayConfiguration(
            appID: appID, signingKey: application.signing, keys: .publicKey(alipayKey), gatewayURL: gatewayURL,
            sellerID: sellerID, pcMethod: pcMethod)
    }

    static func provider(
        _ configuration: AlipayConfiguration = configuration(), over transport: any ProviderTransport = nobody,
        clock: HandMovedClock = HandMovedClock()
    ) -> AlipayProvider {
        AlipayProvider(configuration, transport: GuardedTransport(transport, clock: clock), clock: clock)
    }

    /// A provider that gets this reply to every call.
    static func provider(
        _ configuration: AlipayConfiguration = configuration(), answered reply: ProviderReply
    ) -> AlipayProvider {
        provider(configuration, over: AlipayScript { _ in reply })
    }

    /// An unreachable gateway.
    static let nobody = AlipayScript { _ throws(TransportError) in throw TransportError(.neverSent, .couldNotConnect) }

    /// The gateway's answer to a method: the node as given, and its signature.
    static func reply(
        _ node: String, to method: AlipayMethod, status: Int = 200, by key: AlipayTestKey = alipay
    ) -> ProviderReply {
        reply(#"{"\#(method.node)":\#(node),"sign":"\#(key.sign(node))"}"#, status: status)
    }

    static func unsigned(_ node: String, to method: AlipayMethod) -> ProviderReply {
        reply(#"{"\#(method.node)":\#(node)}"#)
    }

    static func reply(_ text: String, status: Int = 200) -> ProviderReply {
        ProviderReply(
            status: status, headers: [Header(name: "Content-Type", value: "text/html;charset=utf-8")],
            body: Array(text.utf8))
    }

    static func stored(
        subject: String = "Tea for two", returnURL: String? = "https://shop.invalid/back?order=1&from=alipay",
        amount: Int64 = 9_900, currency: String = "CNY"
    ) -> StoredRequest {
        StoredRequest(
            terminal: .pc, payer: .none, money: Money(amount: amount, currency: Currency(currency)!)!,
            subject: Subject(subject)!, providerDeadline: now + .milliseconds(1_800_999),
            notifyURL: "https://pay.invalid/v1/notices/alipay", returnURL: returnURL)
    }

    static func create(for terminal: Terminal = .pc, _ stored: StoredRequest = stored()) -> CreateRequest {
        CreateRequest(
            tradeNumber: number, channel: channel, stored: stored, terminal: terminal, openID: "", createdAt: now)
    }

    static let trade = TradeReference(
        Attempt(
            number: number, channel: channel, request: stored(), createdAt: now, state: .open, stateSince: now,
            lastWordAt: now))

    static let refund = RefundRequest(
        number: "20261122_0001_1_r1", tradeNumber: number, transactionID: TransactionID("2026112222001")!,
        money: stored().money, total: stored().money, cause: .duplicate, reason: nil, createdAt: now)

    static let receipt = receipt()

    static func receipt(
        paidAt: Instant = now, namesOurAccount: Bool = true, isReturned: Bool = false
    ) -> Receipt {
        Receipt(
            channel: channel, tradeNumber: number, transactionID: TransactionID("2026112222001")!, amount: 9_900,
            currencyCode: "CNY", paidAt: paidAt, namesOurAccount: namesOurAccount, isReturned: isReturned)
    }
}

/// Parses messages without the adapter's code.
enum AlipayReading {
    /// The parameters of a form or a query, decoded by Foundation.
    static func form(_ text: String) -> [String: String] {
        let pairs = text.split(separator: "&").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        return Dictionary(
            pairs.map { pair in (String(pair[0]), plain(pair.count == 2 ? String(pair[1]) : "")) },
            uniquingKeysWith: { first, _ in first + " twice" })
    }

    private static func plain(_ text: String) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? "not UTF-8"
    }

    /// The text that a request's signature covers: all parameters except the signature.
    static func signString(_ parameters: [String: String], without dropped: Set<String> = ["sign"]) -> String {
        parameters.keys.filter { !dropped.contains($0) }.sorted().map { "\($0)=\(parameters[$0]!)" }
            .joined(separator: "&")
    }

    /// Whether the parameters have a valid signature of the application over all of them.
    static func isSigned(_ parameters: [String: String], by key: AlipayTestKey = AlipayFixture.application) -> Bool {
        guard let signature = parameters["sign"].flatMap({ Data(base64Encoded: $0) }) else { return false }
        return key.verifying.isSigned(Array(signString(parameters).utf8), by: Array(signature))
    }

    /// A list of texts is joined by commas.
    static func content(_ parameters: [String: String]) -> [String: String] {
        let text = parameters["biz_content"] ?? ""
        let values = (try? JSONDecoder().decode([String: Value].self, from: Data(text.utf8))) ?? [:]
        return values.mapValues { value in
            switch value {
            case .text(let text): text
            case .list(let list): list.joined(separator: ",")
            }
        }
    }

    private enum Value: Decodable {
        case text(String)
        case list([String])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self = .text(text)
            } else {
                self = .list(try value.decode([String].self))
            }
        }
    }

    /// All parameters of a request to the gateway, from its query and its body.
    static func parameters(of request: ProviderRequest) -> [String: String] {
        let query = request.url.drop { $0 != "?" }.dropFirst()
        return form(String(query)).merging(form(String(decoding: request.body, as: UTF8.self))) { $0 + $1 }
    }
}

extension FakeAlipay {
    /// The keys of a merchant who uses the fake, in the fake's mode.
    var configuredKeys: AlipayConfiguration.Keys {
        get throws {
            guard let certificates else { return .publicKey(try RSAVerifyingKey(text: keys.alipayPublicKey)) }
            return .certificates(try certificates.configured)
        }
    }
}

extension FakeAlipayCertificates {
    var configured: AlipayCertificates {
        get throws {
            AlipayCertificates(
                application: try AlipayCertificateFile(text: applicationFile),
                alipay: try AlipayCertificateFile(text: alipayFile), roots: try AlipayRootFile(text: rootFile))
        }
    }
}
