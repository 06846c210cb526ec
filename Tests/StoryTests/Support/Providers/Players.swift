import Foundation
import PayCore
import PayFlow
import ProviderFakes
import Testing

/// A provider that a story plays on loopback, within the test process.
enum PlayedName: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case alipay, wechat, stripe

    var testDescription: String { rawValue }

    /// Another terminal that the same trade serves; nil if each terminal has its own trade.
    var otherTerminal: String? { self == .wechat ? nil : "h5" }

    /// The other providers, in alphabetical order.
    var others: [PlayedName] { Self.allCases.filter { $0 != self } }

    /// Whether the provider is called when a page is created, and not only when it is opened.
    var hearsOfPages: Bool { self != .alipay }
}

/// The three providers, and the settings of a service that uses them.
struct Players: Sendable {
    let alipay: FakeAlipay
    let wechat: FakeWeChatPay
    let stripe: FakeStripe
    /// The key that verifies WeChat Pay's answers.
    let weChatTrust: FakeWeChatPaySigner

    /// `alipayCertificates` are set for certificate mode.
    init(
        clock: any PayClock, weChatTrust: FakeWeChatPaySigner = .publicKey,
        alipayCertificates: FakeAlipayCertificates? = nil
    ) {
        self.weChatTrust = weChatTrust
        alipay = FakeAlipay(clock: clock, certificates: alipayCertificates)
        wechat = FakeWeChatPay(clock: clock, notices: weChatTrust)
        stripe = FakeStripe(clock: clock)
    }

    subscript(name: PlayedName) -> any ProviderFake {
        switch name {
        case .alipay: alipay
        case .wechat: wechat
        case .stripe: stripe
        }
    }

    /// Runs a body while all three are up.
    func whileRunning(_ body: () async throws -> Void) async throws {
        try await alipay.whileRunning {
            try await wechat.whileRunning { try await stripe.whileRunning { try await body() } }
        }
    }
}

/// The time of this machine, which a service in its own process uses.
struct WallClock: PayClock {
    private static let start = ContinuousClock.now

    func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }

    func uptime() -> Duration { Self.start.duration(to: .now) }

    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

extension Players {
    /// The settings of a merchant: every ID and secret of the three providers, and the keys in files of that folder.
    func settings(keysIn folder: String) throws -> [String: String] {
        func file(_ name: String, _ text: String) throws -> String {
            let path = "\(folder)/\(name)"
            let isWritten = FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
            guard isWritten else { throw FakeProblem("\(name) can't be written") }
            return path
        }
        let alipayTrust =
            if let certificates = alipay.certificates {
                [
                    "PAYPAGE_ALIPAY_APP_CERT_FILE": try file("alipay-app.crt", certificates.applicationFile),
                    "PAYPAGE_ALIPAY_ALIPAY_CERT_FILE": try file("alipay.crt", certificates.alipayFile),
                    "PAYPAGE_ALIPAY_ROOT_CERT_FILE": try file("alipay-root.crt", certificates.rootFile),
                ]
            } else {
                ["PAYPAGE_ALIPAY_PUBLIC_KEY_FILE": try file("alipay.pub", alipay.keys.alipayPublicKey)]
            }
        let trust =
            switch weChatTrust {
            case .publicKey:
                [
                    "PAYPAGE_WECHAT_PUBLIC_KEY_ID": FakeWeChatPay.publicKeyID,
                    "PAYPAGE_WECHAT_PUBLIC_KEY_FILE": try file("wechat.pub", FakeWeChatPay.publicKey),
                ]
            case .certificate: ["PAYPAGE_WECHAT_PLATFORM_CERTIFICATES": "true"]
            }
        let own = [
            "PAYPAGE_ALIPAY_APP_ID": alipay.appID, "PAYPAGE_ALIPAY_SELLER_ID": alipay.sellerID,
            "PAYPAGE_ALIPAY_PRIVATE_KEY_FILE": try file("alipay.key", alipay.keys.applicationPrivateKey),
            "PAYPAGE_ALIPAY_GATEWAY_URL": alipay.gatewayURL,

            "PAYPAGE_WECHAT_MCH_ID": FakeWeChatPay.merchantID, "PAYPAGE_WECHAT_APP_ID": FakeWeChatPay.appID,
            "PAYPAGE_WECHAT_SERIAL_NO": FakeWeChatPay.serialNumber,
            "PAYPAGE_WECHAT_PRIVATE_KEY_FILE": try file("wechat.key", FakeWeChatPay.merchantKey),
            "PAYPAGE_WECHAT_API_V3_KEY": FakeWeChatPay.apiV3Key, "PAYPAGE_WECHAT_BASE_URL": wechat.baseURL,
            "PAYPAGE_WECHAT_OAUTH_SECRET": FakeWeChatPay.oauthSecret,
            "PAYPAGE_WECHAT_OAUTH_BASE_URL": wechat.baseURL,
            "PAYPAGE_WECHAT_OAUTH_AUTHORIZE_URL": wechat.authorizeURL,

            "PAYPAGE_STRIPE_SECRET_KEY": stripe.secretKey, "PAYPAGE_STRIPE_WEBHOOK_SECRET": stripe.webhookSecret,
            "PAYPAGE_STRIPE_BASE_URL": stripe.baseURL,
        ]
        return own.merging(trust) { $1 }.merging(alipayTrust) { $1 }
    }
}
