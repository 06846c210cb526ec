import Foundation
import PayCore
import PayFlow
import PayProviders
import ProviderFakes
import Testing

/// A channel of a service that has two accounts at each provider.
enum AccountName: String, CaseIterable, Sendable {
    case alipay, alipay_eu, wechat, wechat_shop, stripe, stripe_eu
}

/// A real service with two accounts at each provider, played on loopback. The second accounts are configured by a file,
/// Alipay's in certificate mode.
///
/// The second account at WeChat Pay has no counterpart. It has another merchant and another key for notices.
struct AccountsPlay: Sendable {
    let story: Story
    let service: Service
    private let players: Players
    private let alipay: FakeAlipay
    private let stripe: FakeStripe

    static func run(_ body: (AccountsPlay) async throws -> Void) async throws {
        let players = Players(clock: WallClock())
        let alipay = FakeAlipay(clock: WallClock(), account: .second, certificates: .second)
        let stripe = FakeStripe(
            secretKey: "sk_test_second", webhookSecret: "whsec_c2Vjb25kLWFjY291bnQtc2VjcmV0", clock: WallClock())
        try await players.whileRunning {
            try await alipay.whileRunning {
                try await stripe.whileRunning {
                    // Time-outs must not decide these tests on a busy machine.
                    try await Story.run(["PAYPAGE_PROVIDER_TIMEOUT": "20s"]) { story in
                        let environment = try players.settings(keysIn: story.folder)
                        let file = try Self.settingsFile(alipay, players.wechat, stripe, in: story.folder)
                        let service = try await story.startService(with: environment, arguments: ["--config", file])
                        try await body(
                            AccountsPlay(
                                story: story, service: service, players: players, alipay: alipay, stripe: stripe))
                    }
                }
            }
        }
    }

    /// The counterpart of a channel's account.
    subscript(name: AccountName) -> any ProviderFake {
        switch name {
        case .alipay: players.alipay
        case .alipay_eu: alipay
        case .wechat, .wechat_shop: players.wechat
        case .stripe: players.stripe
        case .stripe_eu: stripe
        }
    }

    private static func settingsFile(
        _ alipay: FakeAlipay, _ wechat: FakeWeChatPay, _ stripe: FakeStripe, in folder: String
    ) throws -> String {
        let certificates = FakeAlipayCertificates.second
        let text = """
            channels:
              order: [stripe_eu, alipay_eu]
              alipay_eu:
                provider: alipay
                title.en: Alipay Europe
                title.zh: 支付宝欧洲
                app.id: "\(alipay.appID)"
                seller.id: "\(alipay.sellerID)"
                private.key.file: \(try file("alipay_eu.key", alipay.keys.applicationPrivateKey, in: folder))
                app.cert.file: \(try file("app.crt", certificates.applicationFile, in: folder))
                alipay.cert.file: \(try file("alipay.crt", certificates.alipayFile, in: folder))
                root.cert.file: \(try file("root.crt", certificates.rootFile, in: folder))
                gateway.url: \(alipay.gatewayURL)
              wechat:
                app.id.app: \(FakeWeChatPay.mobileAppID)
              wechat_shop:
                provider: wechat
                mch.id: "1900000109"
                app.id: wx0123456789abcdef
                serial.no: \(FakeWeChatPay.serialNumber)
                private.key.file: \(try file("wechat_shop.key", FakeWeChatPay.merchantKey, in: folder))
                api.v3.key: 0123456789abcdef0123456789abcdef
                public.key.id: \(FakeWeChatPay.publicKeyID)
                public.key.file: \(try file("wechat_shop.pub", FakeWeChatPay.publicKey, in: folder))
                base.url: \(wechat.baseURL)
              stripe_eu:
                provider: stripe
                secret.key: \(stripe.secretKey)
                webhook.secret: \(stripe.webhookSecret)
                base.url: \(stripe.baseURL)
            """
        return try file("paypage.yaml", text, in: folder)
    }

    private static func file(_ name: String, _ text: String, in folder: String) throws -> String {
        let path = "\(folder)/\(name)"
        let isWritten = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard isWritten else { throw FakeProblem("\(name) can't be written") }
        return path
    }
}

// The buyer's actions, as in `Play`.
extension AccountsPlay {
    /// The first page of an order.
    func firstPage(
        _ order: String, on name: AccountName, terminal: Terminal = .pc
    ) async throws -> PaymentView.Page {
        try await service.firstPay(order, channel: name.rawValue, terminal: terminal.rawValue)
            .read(PaymentView.self).page
    }

    /// The buyer continues with another channel, and retries as told.
    func goOn(_ order: String, on name: AccountName) async throws -> PaymentView.Page {
        try await service.goOnUntilPaged(order, channel: name.rawValue).read(PaymentView.self).page
    }

    /// The buyer's browser opens a served page.
    func open(_ page: PaymentView.Page, on name: AccountName, terminal: Terminal = .pc) async throws {
        let kind = try #require(PageKind(rawValue: page.kind))
        let given = ProviderPage(kind: kind, content: page.content, serves: [terminal], usableFor: nil)
        try await self[name].open(given, terminal: terminal)
    }

    /// The buyer pays, and the provider sends a notice to the address of the account's channel.
    func payAndTell(_ trade: String, on name: AccountName) async throws {
        _ = try await self[name].pay(trade)
        let notice = try await self[name].notice(ofPayment: trade)
        #expect(try await self[name].notify(notice, to: noticeURL(of: name)), "\(trade): the notice was not taken")
    }

    func noticeURL(of name: AccountName) -> String { "\(service.client.base)/v1/notices/\(name.rawValue)" }
}
