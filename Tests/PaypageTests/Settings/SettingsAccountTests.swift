import Foundation
import PayCheckout
import PayCore
import PayFlow
import PayProviders
import Testing

@testable import paypage

/// `channels.NAME.…`: several accounts, each with a name of the operator's choice.
@Suite struct SettingsAccountTests {
    private func load(_ environment: [String: String], file: String? = nil) throws -> Settings {
        try SettingsFixture.load(KeyFiles.basics.merging(environment) { $1 }, file: file)
    }

    private func mistakes(_ environment: [String: String], file: String? = nil) throws -> [String] {
        try SettingsFixture.mistakes(KeyFiles.basics.merging(environment) { $1 }, file: file)
    }

    private func keys(_ mistakes: [String]) -> [String] {
        mistakes.map { String($0.prefix { $0 != " " && $0 != ":" }) }
    }

    /// Two Stripe accounts, as the lines of a file.
    private static let stripes = """
        channels:
          stripe_eu: {provider: stripe, secret.key: sk_test_1, webhook.secret: whsec_1}
          stripe_us: {provider: stripe, secret.key: sk_test_2, webhook.secret: whsec_2}

        """

    // MARK: Forms

    @Test func `two accounts of each provider are configured by a file`() async throws {
        try await withKeyFiles { files in
            let (own, theirs) = (try files.ourPrivateKey(), try files.theirPublicKey())
            let settings = try load(
                [:],
                file: """
                    channels:
                      alipay_cn:
                        provider: alipay
                        app.id: "2021000000000001"
                        private.key.file: \(own)
                        public.key.file: \(theirs)
                      alipay_eu:
                        provider: alipay
                        app: {id: "2021000000000002"}
                        private.key.file: \(own)
                        public.key.file: \(theirs)
                        pc.method: precreate
                      shop2:
                        provider: wechat
                        mch.id: "1900000001"
                        app.id: wx1
                        app.id.jsapi: wx2
                        serial.no: 5DEA
                        private.key.file: \(own)
                        api.v3.key: hush-hush-hush-hush-hush-hush-32
                        platform.certificates: true
                      shop3:
                        provider: wechat
                        mch: {id: "1900000002"}
                        app: {id: wx3}
                        serial: {no: 5DEB}
                        private: {key: {file: \(own)}}
                        api: {v3: {key: hush-hush-hush-hush-hush-hush-33}}
                        platform: {certificates: true}
                    """)
            #expect(settings.accounts.map(\.channel.name) == ["alipay_cn", "alipay_eu", "shop2", "shop3"])
            #expect(settings.accounts.map(\.kind) == [.alipay, .alipay, .wechat, .wechat])
            guard case .alipay(let alipay)? = settings.account("alipay_eu")?.provider else {
                Issue.record("alipay_eu is no Alipay account")
                return
            }
            #expect(alipay.appID == "2021000000000002" && alipay.pcMethod == .precreate)
            guard case .weChatPay(let shop2)? = settings.account("shop2")?.provider,
                case .weChatPay(let shop3)? = settings.account("shop3")?.provider
            else {
                Issue.record("no WeChat Pay accounts")
                return
            }
            #expect(shop2.appIDs == WeChatPayAppIDs("wx1", jsapi: "wx2") && shop2.merchantID == "1900000001")
            #expect(shop3.appIDs == WeChatPayAppIDs("wx3") && shop3.serialNumber == "5DEB")
            #expect(!String(reflecting: settings).contains("hush"))
        }
    }

    @Test func `an account is configured by variables, and the longest known key at the end is the key`() throws {
        let settings = try load([
            "PAYPAGE_CHANNELS_STRIPE_EU_PROVIDER": "stripe", "PAYPAGE_CHANNELS_STRIPE_EU_SECRET_KEY": "sk_test_1",
            "PAYPAGE_CHANNELS_STRIPE_EU_WEBHOOK_SECRET": "whsec_1", "PAYPAGE_CHANNELS_STRIPE_EU_TITLE_EN": "Card (EU)",
        ])
        #expect(settings.accounts.map(\.channel.name) == ["stripe_eu"])
        #expect(settings.stripe?.webhookSecrets.map { $0.reveal() } == ["whsec_1"])
        #expect(settings.accounts[0].title == ChannelTitle(english: "Card (EU)", chinese: nil))
    }

    @Test(arguments: [
        ("PAYPAGE_CHANNELS_ALIPAY_EU_APP_ID", "channels.alipay_eu.app.id"),
        ("PAYPAGE_CHANNELS_A_APP_ID_JSAPI", "channels.a.app.id.jsapi"),
        ("PAYPAGE_CHANNELS_A_OAUTH_BASE_URL", "channels.a.oauth.base.url"),
        ("PAYPAGE_CHANNELS_A_ALIPAY_CERT_FILE", "channels.a.alipay.cert.file"),
        ("PAYPAGE_CHANNELS_A_B_ACCEPT", "channels.a_b.accept"), ("PAYPAGE_CHANNELS_ORDER", "channels.order"),
    ]) func `a variable of a channel is read from its end`(variable: String, name: String) {
        #expect(SettingName.name(ofVariable: variable) == name)
        #expect(SettingName.variable(for: name) == variable)
    }

    @Test func `a variable overrides the file, in either form of the key`() throws {
        let file = "channels.stripe: {secret.key: sk_test_1, webhook.secret: whsec_1}"
        #expect(
            try load(["PAYPAGE_STRIPE_SECRET_KEY": "sk_test_2"], file: file).stripe?.secretKey.reveal() == "sk_test_2")
        let short = "stripe: {secret.key: sk_test_1, webhook.secret: whsec_1}"
        let long = ["PAYPAGE_CHANNELS_STRIPE_SECRET_KEY": "sk_test_3"]
        #expect(try load(long, file: short).stripe?.secretKey.reveal() == "sk_test_3")
    }

    @Test func `the short form is the channel of the same name, which may have the common keys too`() throws {
        let settings = try load(
            KeyFiles.stripe.merging(["PAYPAGE_CHANNELS_STRIPE_TITLE_ZH": "银行卡"]) { $1 },
            file: "channels.stripe.provider: stripe")
        #expect(settings.accounts.map(\.channel.name) == ["stripe"])
        #expect(settings.accounts[0].title == ChannelTitle(english: nil, chinese: "银行卡"))
    }

    @Test func `a channel of the sandbox has the settings of the sandbox, and may have its own`() throws {
        let settings = try SettingsFixture.load(
            SettingsFixture.enough,
            file: """
                channels:
                  demo: {provider: sandbox, page.ttl: 5s}
                  far: {provider: sandbox, base.url: "http://127.0.0.1:9001", secret: other}
                  sandbox: {pc.kind: qr}
                """)
        #expect(settings.sandboxes == ["demo", "far", "sandbox"])
        let sandboxes = settings.accounts.compactMap { account -> Settings.Sandbox? in
            if case .sandbox(let sandbox) = account.provider { sandbox } else { nil }
        }
        #expect(sandboxes.map(\.pageTTL) == [.seconds(5), .seconds(7_200), .seconds(7_200)])
        #expect(sandboxes.map(\.pcKind) == [.html, .html, .qr])
        let shared = Settings.Sandbox.Place.elsewhere("http://127.0.0.1:9000/sandbox")
        #expect(sandboxes.map(\.place) == [shared, .elsewhere("http://127.0.0.1:9001"), shared])
        #expect(sandboxes.map { $0.secret.reveal() } == ["sandbox-secret", "other", "sandbox-secret"])
    }

    // MARK: Order, titles, marks

    @Test func `channels stand by provider, then by name, unless channels.order says otherwise`() throws {
        let trial = SettingsFixture.enough.merging(KeyFiles.stripe) { $1 }
        let file = Self.stripes
        let standard = try SettingsFixture.load(trial, file: file)
        #expect(standard.accounts.map(\.channel.name) == ["stripe", "stripe_eu", "stripe_us", "sandbox"])
        let chosen = try SettingsFixture.load(trial, file: file + "  order: [sandbox, stripe_us]\n")
        #expect(chosen.accounts.map(\.channel.name) == ["sandbox", "stripe_us", "stripe", "stripe_eu"])
        #expect(chosen.channelList.entries.map(\.channel.name) == ["sandbox", "stripe_us", "stripe", "stripe_eu"])
    }

    @Test(arguments: [
        ("stripe_eu,stripe_xu", "item 2 is not a configured channel; did you mean stripe_"),
        ("alipay", "is not a configured channel; list only names of configured channels: stripe_eu, stripe_us"),
        ("stripe_eu,stripe_eu", "lists a channel twice"), ("", "is empty"),
    ]) func `channels.order lists configured channels, each once`(order: String, part: String) throws {
        let mistakes = try mistakes(["PAYPAGE_CHANNELS_ORDER": order], file: Self.stripes)
        #expect(keys(mistakes) == ["channels.order"] && mistakes[0].contains(part), "\(mistakes)")
    }

    @Test(arguments: ["two\nlines", "a title of more than thirty-two ch", "\u{202E}reversed"])
    func `a title is one short line`(title: String) throws {
        let mistakes = try mistakes(["PAYPAGE_CHANNELS_STRIPE_EU_TITLE_EN": title], file: Self.stripes)
        #expect(keys(mistakes) == ["channels.stripe_eu.title.en"], "\(mistakes)")
    }

    @Test func `a mark is an image file of at most 32 KiB`() async throws {
        try await withKeyFiles { files in
            let path = try files.write("<svg>" + String(repeating: " ", count: 32_768 - 5), "mark.svg")
            let variable = "PAYPAGE_CHANNELS_STRIPE_EU_MARK_FILE"
            let settings = try load([variable: path], file: Self.stripes)
            #expect(settings.account("stripe_eu")?.mark?.format == .svg && settings.account("stripe_us")?.mark == nil)
            let large = try files.write("<svg>" + String(repeating: " ", count: 32_768), "large.svg")
            let mistakes = try mistakes([variable: large], file: Self.stripes)
            #expect(keys(mistakes) == ["channels.stripe_eu.mark.file"] && mistakes[0].contains("32 KiB"))
        }
    }

    @Test func `each channel has its own channels.NAME.accept`() throws {
        let settings = try load(["PAYPAGE_CHANNELS_STRIPE_US_ACCEPT": "false"], file: Self.stripes)
        #expect(settings.switchedOff == [Channel("stripe_us")!])
    }

    // MARK: Mistakes

    @Test(
        arguments: [
            ("channels.a.secret.key: sk_test_1", ["channels.a.provider"], "is not set, but channels.a.secret.key is"),
            ("channels.a.provider: strpe", ["channels.a.provider"], "did you mean stripe?"),
            ("channels.a.provider: paypal", ["channels.a.provider"], "expected alipay or wechat or stripe or sandbox"),
            ("channels.a.provider:", ["channels.a.provider"], "is empty"),
            (
                "channels.a: {provider: stripe}", ["channels.a.secret.key", "channels.a.webhook.secret"],
                "is not set, but channels.a.provider is; set all of channels.a.secret.key, channels.a.webhook.secret"
            ),
            (
                "channels.a: {provider: stripe, secret.key: sk_test_9, webhook.secret: whsec_9, mch.id: x}",
                ["channels.a.mch.id"], "is not a key of the provider stripe; remove it: it is a key of wechat"
            ),
            (
                "channels.stripe_eu.secret.kay: x", ["channels.stripe_eu.secret.kay"],
                "did you mean channels.stripe_eu.secret.key?"
            ),
            ("channels.stripe_eo.accept: false", ["channels.stripe_eo.accept"], "did you mean stripe_eu?"),
            ("channels.stripe_eo.secret.key: x", ["channels.stripe_eo.provider"], "channel stripe_eu if it was meant"),
            ("channels.Shop-2.provider: stripe", ["channels.Shop-2.provider"], "has a name that no channel can have"),
            ("channels.2nd: {provider: stripe}", ["channels.2nd"], "use up to 32 of a-z, 0-9 and _"),
            ("channels.order.provider: stripe", ["channels.order.provider"], "not the name order"),
            (
                "channels.alipay.provider: wechat", ["channels.alipay.provider"],
                "is wechat, but channel alipay is always alipay; set it to alipay, or choose another name"
            ),
        ] as [(String, [String], String)])
    func `the message about a mistake in channels.NAME names the key and the fix`(
        line: String, expected: [String], part: String
    ) throws {
        let flat = """
            channels.stripe_eu: {provider: stripe, secret.key: sk_test_1, webhook.secret: whsec_1}

            """
        let mistakes = try mistakes([:], file: flat + line)
        #expect(keys(mistakes) == expected && mistakes.first?.contains(part) == true, "\(mistakes)")
    }

    @Test func `the same key in both forms is a mistake`() throws {
        let file = "stripe: {secret.key: sk_test_1, webhook.secret: whsec_1}\nchannels.stripe.secret.key: sk_test_2"
        #expect(
            try mistakes([:], file: file) == [
                "channels.stripe.secret.key (PAYPAGE_CHANNELS_STRIPE_SECRET_KEY): is set twice: stripe.secret.key is the "
                    + "same key; remove one of them"
            ])
        let both = KeyFiles.stripe.merging(["PAYPAGE_CHANNELS_STRIPE_SECRET_KEY": "sk_test_2"]) { $1 }
        #expect(keys(try mistakes(both)) == ["channels.stripe.secret.key"])
    }

    @Test(arguments: [
        ("PAYPAGE_CHANNELS_STRIPE_EU_SECRT_KEY", "did you mean PAYPAGE_CHANNELS_STRIPE_EU_SECRET_KEY?"),
        ("PAYPAGE_CHANNELS_A_ACEPT", "did you mean PAYPAGE_CHANNELS_A_ACCEPT?"),
        ("PAYPAGE_CHANNELS_2ND_ACCEPT", "unset it"), ("PAYPAGE_CHANNELS_APP_ID", "unset it"),
    ]) func `an unknown variable of a channel is a mistake`(variable: String, remedy: String) throws {
        let mistakes = try mistakes([variable: "x"], file: Self.stripes)
        #expect(mistakes == ["\(variable): is an unknown variable; \(remedy)"])
    }

    @Test func `mistakes in several channels are reported at once, each under its own key`() async throws {
        try await withKeyFiles { files in
            let mistakes = try mistakes(
                files.alipay(["PAYPAGE_ALIPAY_PC_METHOD": "qr"]),
                file: """
                    channels:
                      alipay_eu: {provider: alipay, app.id: x y}
                      shop2: {provider: wechat}
                      paypal: {provider: paypal}
                    """)
            let shop2 = ["mch.id", "app.id", "serial.no", "private.key.file", "api.v3.key", "platform.certificates"]
            #expect(
                keys(mistakes) == [
                    "channels.paypal.provider", "alipay.pc.method", "channels.alipay_eu.private.key.file",
                    "channels.alipay_eu.public.key.file", "channels.alipay_eu.app.id",
                ] + shop2.map { "channels.shop2.\($0)" }, "\(mistakes)")
        }
    }

    @Test func `two channels cannot be the same account`() async throws {
        try await withKeyFiles { files in
            let twin = "channels.twin: {provider: stripe, secret.key: sk_test_1, webhook.secret: whsec_3}"
            let stripe = try mistakes([:], file: Self.stripes + twin)
            #expect(keys(stripe) == ["channels.twin.secret.key"], "\(stripe)")
            #expect(stripe[0].contains("is the account of channel stripe_eu too") && !stripe[0].contains("sk_test"))
            let alipay = try files.alipay()
            let copy = alipay.reduce(into: ["PAYPAGE_CHANNELS_TWIN_PROVIDER": "alipay"]) { copy, variable in
                copy[variable.key.replacing("ALIPAY", with: "CHANNELS_TWIN")] = variable.value
            }
            #expect(keys(try mistakes(alipay.merging(copy) { $1 })) == ["channels.twin.app.id"])
        }
    }

    @Test func `a channel of the sandbox needs an address and a secret, shared or its own`() throws {
        let file = Self.stripes + "  demo: {provider: sandbox}\n"
        let none = try mistakes([:], file: file)
        #expect(keys(none) == ["sandbox.base.url"] && none[0].contains("sandbox.enabled = true"), "\(none)")
        let half = try mistakes(["PAYPAGE_CHANNELS_DEMO_SECRET": "s"], file: file)
        #expect(keys(half) == ["channels.demo.base.url"], "\(half)")
    }
}
