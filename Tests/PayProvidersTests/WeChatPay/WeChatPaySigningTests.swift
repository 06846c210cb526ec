import Crypto
import Foundation
import PayCore
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct WeChatPaySigningTests {
    private typealias Fixture = WeChatPayFixture

    private let signer = WeChatPaySigner(Fixture.configuration(), nonce: { WeChatPayVectors.nonce })

    @Test(arguments: WeChatPayVectors.signatures)
    func `WeChat's published signatures are valid by the published key`(_ vector: WeChatPayVectors.Signature) throws {
        let key = try RSAVerifyingKey(text: WeChatPayVectors.publicKey)
        let signature = try #require(Data(base64Encoded: vector.signature))
        #expect(key.isSigned(Array(vector.message.utf8), by: Array(signature)))
    }

    @Test(arguments: WeChatPayVectors.signatures)
    func `WeChat's published signatures fail with one changed byte or another key`(
        _ vector: WeChatPayVectors.Signature
    ) throws {
        let key = try RSAVerifyingKey(text: WeChatPayVectors.publicKey)
        let signature = Array(try #require(Data(base64Encoded: vector.signature)))
        var message = Array(vector.message.utf8)
        message[message.count / 2] ^= 1
        #expect(!key.isSigned(message, by: signature))
        #expect(!Fixture.strangerKey.verifying.isSigned(Array(vector.message.utf8), by: signature))
    }

    /// Signing is deterministic, so a signature of our key over the published message proves that our message is the
    /// same.
    @Test func `WX-1: a request is signed over the published five lines`() throws {
        let value = signer.authorization(
            for: .post, "/v3/pay/transactions/jsapi", Array(WeChatPayVectors.body.utf8),
            at: Instant(milliseconds: WeChatPayVectors.timestamp * 1_000))
        let fields = try WeChatPayAuthorization(value)
        #expect(fields["mchid"] == "1900007291")
        #expect(fields["nonce_str"] == WeChatPayVectors.nonce)
        #expect(fields["timestamp"] == "1554208460")
        #expect(fields["serial_no"] == WeChatPayVectors.serialNumber)
        #expect(isOurs(fields["signature"], over: WeChatPayVectors.request.message))
    }

    @Test func `WX-2 and WX-3: the SDKs' parameters are signed over the published four lines`() {
        let id = "wx201410272009395522657a690389285100"
        let lines = ["wx2421b1c4370ec43b", "1554208460", WeChatPayVectors.nonce]
        #expect(isOurs(signer.sign(lines: lines + ["prepay_id=\(id)"]), over: WeChatPayVectors.jsapi.message))
        #expect(isOurs(signer.sign(lines: lines + [id]), over: WeChatPayVectors.app.message))
    }

    @Test func `a WeChat request without a body is signed with an empty last line`() throws {
        let value = signer.authorization(for: .get, "/v3/certificates", [], at: Fixture.now)
        let fields = try WeChatPayAuthorization(value)
        let message = "GET\n/v3/certificates\n\(Fixture.now.milliseconds / 1_000)\n\(WeChatPayVectors.nonce)\n\n"
        #expect(isOurs(fields["signature"], over: message))
    }

    @Test func `every WeChat call is signed over the exact bytes sent`() async throws {
        let script = SandboxScript { _ in ProviderReply(status: 500) }
        let provider = Fixture.provider(over: script)
        for terminal in Terminal.allCases { _ = await provider.create(Fixture.create(terminal)) }
        _ = await provider.query(Fixture.trade)
        _ = await provider.close(Fixture.trade)
        _ = await provider.refund(Fixture.refund)
        _ = await provider.follow(Fixture.refund)
        let base = "http://127.0.0.1:9000"
        let trade = "/v3/pay/transactions/out-trade-no/20261122_0001_1"
        let targets = ["native", "h5", "app", "jsapi", "jsapi"].map { "/v3/pay/transactions/\($0)" }
        let refunds = "/v3/refund/domestic/refunds"
        #expect(
            script.requests.map(\.url)
                == (targets + ["\(trade)?mchid=1900007291", "\(trade)/close", refunds, "\(refunds)/20261122_0001_1_r1"])
                .map { base + $0 })
        #expect(script.requests.map(\.method) == [.post, .post, .post, .post, .post, .get, .post, .post, .get])
        for request in script.requests {
            let target = request.url.dropFirst(base.count)
            let fields = try WeChatPayAuthorization(try #require(request.header("Authorization")))
            let lines = [request.method.rawValue, String(target), fields["timestamp"] ?? "", fields["nonce_str"] ?? ""]
            let message = lines.map { $0 + "\n" }.joined() + String(decoding: request.body, as: UTF8.self) + "\n"
            #expect(isOurs(fields["signature"], over: message))
        }
    }

    @Test func `every WeChat request has its headers and names the key for the answer`() async throws {
        let script = SandboxScript { _ in ProviderReply(status: 500) }
        _ = await Fixture.provider(over: script).create(Fixture.create())
        _ = await Fixture.provider(over: script).query(Fixture.trade)
        for request in script.requests {
            #expect(request.header("Accept") == "application/json")
            #expect(request.header("User-Agent") == "paypage")
            #expect(request.header("Wechatpay-Serial") == Fixture.publicKeyID)
        }
        #expect(script.requests.map { $0.header("Content-Type") } == ["application/json", nil])
    }

    @Test func `WeChat nonces are 32 letters and digits and never repeat`() {
        let nonces = (1...200).map { _ in WeChatPayNonce.random() }
        #expect(Set(nonces).count == 200)
        for nonce in nonces {
            #expect(
                nonce.count == 32
                    && nonce.utf8.allSatisfy { Unicode.Scalar($0).properties.isAlphabetic || (48...57).contains($0) })
        }
    }

    private func isOurs(_ signature: String?, over message: String) -> Bool {
        guard let bytes = signature.flatMap({ Data(base64Encoded: $0) }) else { return false }
        return Fixture.merchantKey.verifying.isSigned(Array(message.utf8), by: Array(bytes))
    }
}

/// The fields of an `Authorization` header, parsed by WeChat's documentation.
struct WeChatPayAuthorization {
    private let fields: [String: String]

    init(_ value: String) throws {
        let scheme = "WECHATPAY2-SHA256-RSA2048 "
        try #require(value.hasPrefix(scheme))
        var fields: [String: String] = [:]
        for field in value.dropFirst(scheme.count).split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1)
            try #require(parts.count == 2 && parts[1].count > 2 && parts[1].first == "\"" && parts[1].last == "\"")
            fields[String(parts[0])] = String(parts[1].dropFirst().dropLast())
        }
        #expect(fields.count == 5)
        self.fields = fields
    }

    subscript(name: String) -> String? { fields[name] }
}

extension ProviderRequest {
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
