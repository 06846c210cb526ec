import PayCore
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// Runs the suite of all adapters on WeChat Pay's adapter over real HTTP.
@Suite(.timeLimit(.minutes(3))) struct WeChatPaySuiteTests {
    private static let traits: ProviderTraits = {
        var traits = ProviderTraits()
        traits.closeOfNone = .accepted
        traits.refundsTakeTime = true
        traits.noticesTellOfRefunds = true
        traits.refundsCanClose = true
        traits.partLooksLikeAll = true
        traits.noticeWindow = .seconds(300)
        traits.lateBuyersFinish = true
        traits.billedRefund = .accepted
        traits.billsNameRefunds = true
        traits.codes = [
            .error: "SYSTEM_ERROR", .refused: "RULE_LIMIT", .tooOften: "FREQUENCY_LIMITED",
            .unlisted: "USER_ACCOUNT_ABNORMAL", .lowBalance: "NOT_ENOUGH",
        ]
        // WeChat has no code for this case. Its answer to other calls at a wrong time is used.
        traits.exceptions = [.init(.close, .closeTooEarly): .refused]
        return traits
    }()

    /// A first call with certificates needs a second request for them. No time-out may cut either off.
    private static let audible: ProviderTraits = {
        var audible = traits
        audible.faults.subtract([.timeout, .lost])
        return audible
    }()

    @Test(arguments: ProviderSuite.cases(for: traits))
    func `WeChat Pay's adapter passes in public-key mode`(_ one: ProviderSuite.Case) async throws {
        try await one.run { try await Self.bench(Self.traits, .publicKey) }
    }

    @Test(arguments: ProviderSuite.cases(for: audible))
    func `WeChat Pay's adapter passes in certificate mode`(_ one: ProviderSuite.Case) async throws {
        try await one.run { try await Self.bench(Self.audible, .certificate) }
    }

    private static func bench(_ traits: ProviderTraits, _ signer: FakeWeChatPaySigner) async throws -> ProviderBench {
        let clock = HandMovedClock()
        let fake = FakeWeChatPay(clock: clock, notices: signer)
        try await fake.start()
        let transports = SuiteTransports()
        return ProviderBench(
            fake: fake, clock: clock, traits: traits,
            adapter: { wiring in
                WeChatPayProvider(
                    .fake(at: wiring.baseURL, signer), transport: transports.guarded(wiring, clock: clock),
                    clock: clock,
                    downloads: SuiteTransports.downloads)
            },
            end: { await transports.close() })
    }
}

extension WeChatPayConfiguration {
    /// The fake's merchant, with an appid for each kind of app.
    static func fake(
        at baseURL: String, _ signer: FakeWeChatPaySigner = .publicKey, appIDs: WeChatPayAppIDs = .fake,
        oauthSecret: String = FakeWeChatPay.oauthSecret
    ) -> Self {
        let key = try! RSASigningKey(text: Secret(FakeWeChatPay.merchantKey))
        let publicKey = try! RSAVerifyingKey(text: FakeWeChatPay.publicKey)
        return Self(
            merchantID: FakeWeChatPay.merchantID, appIDs: appIDs,
            serialNumber: FakeWeChatPay.serialNumber, signingKey: key, apiV3Key: Secret(FakeWeChatPay.apiV3Key),
            publicKey: signer == .publicKey ? .init(id: FakeWeChatPay.publicKeyID, key: publicKey) : nil,
            fetchesCertificates: signer == .certificate, baseURL: baseURL,
            oauth: .init(
                secret: Secret(oauthSecret), baseURL: baseURL, authorizeURL: "\(baseURL)/connect/oauth2/authorize"),
            notifyURL: { "https://pay.example/v1/notices/wechat" })
    }
}

extension WeChatPayAppIDs {
    static let fake = WeChatPayAppIDs(
        FakeWeChatPay.appID, app: FakeWeChatPay.mobileAppID, jsapi: FakeWeChatPay.accountAppID,
        mini: FakeWeChatPay.miniAppID)
}
