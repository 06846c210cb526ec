import CryptoExtras
import Foundation
import PayCore
import PayProviders
import Testing

@testable import paypage

@Suite struct SettingsChannelTests {
    private func load(_ channel: [String: String]) throws -> Settings {
        try SettingsFixture.load(KeyFiles.basics.merging(channel) { $1 })
    }

    private func mistakes(_ channel: [String: String]) throws -> [String] {
        try SettingsFixture.mistakes(KeyFiles.basics.merging(channel) { $1 })
    }

    private func keys(_ mistakes: [String]) -> [String] { mistakes.map { String($0.prefix { $0 != " " }) } }

    // MARK: Complete

    @Test func `alipay needs its ID and two key files, and has defaults for the rest`() async throws {
        try await withKeyFiles { files in
            let alipay = try #require(try load(files.alipay()).alipay)
            #expect(alipay.appID == "2021000000000001" && alipay.sellerID == nil && alipay.pcMethod == .page)
            #expect(alipay.gatewayURL == "https://openapi.alipay.com/gateway.do")
            #expect(alipay.privateKey.form.description == "PKCS#8, with PEM marks")
            guard case .publicKeys(let keys) = alipay.trust, let publicKey = keys.first else {
                Issue.record("\(alipay.trust)")
                return
            }
            #expect(publicKey.form.description == "SubjectPublicKeyInfo, with PEM marks")
            #expect(alipay.privateKey.key.bitCount == 2048 && publicKey.key.bitCount == 2048)
            let isAlone = try load(files.alipay()).sandbox == nil
            #expect(isAlone)
        }
    }

    @Test func `wechat is verified by a public key, by platform certificates, or by both`() async throws {
        try await withKeyFiles { files in
            let byKey = try #require(try load(files.weChatPay()).weChatPay)
            #expect(
                byKey.publicKeys.map(\.id) == ["PUB_KEY_ID_0119000000012026112200001"] && !byKey.fetchesCertificates)
            #expect(byKey.baseURL == "https://api.mch.weixin.qq.com")
            #expect(byKey.serialNumber == "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC")
            let both = try #require(
                try load(files.weChatPay(["PAYPAGE_WECHAT_PLATFORM_CERTIFICATES": "true"])).weChatPay)
            #expect(!both.publicKeys.isEmpty && both.fetchesCertificates)
            let byCertificates = try load(
                files.weChatPay([
                    "PAYPAGE_WECHAT_PLATFORM_CERTIFICATES": "true", "PAYPAGE_WECHAT_PUBLIC_KEY_ID": "",
                    "PAYPAGE_WECHAT_PUBLIC_KEY_FILE": "",
                ]))
            #expect(byCertificates.weChatPay?.publicKeys.isEmpty == true)
        }
    }

    @Test func `wechat may have an app id for each terminal inside an app, and a secret for OAuth`() async throws {
        try await withKeyFiles { files in
            let one = try #require(try load(files.weChatPay()).weChatPay)
            #expect(one.appIDs == WeChatPayAppIDs("wx0123456789abcdef") && one.oauth == nil)
            let more = [
                "PAYPAGE_WECHAT_APP_ID_APP": "wx_app", "PAYPAGE_WECHAT_APP_ID_JSAPI": "wx_jsapi",
                "PAYPAGE_WECHAT_APP_ID_MINI": "wx_mini", "PAYPAGE_WECHAT_OAUTH_SECRET": "hush0123456789abcdef",
            ]
            let several = try #require(try load(files.weChatPay(more)).weChatPay)
            #expect(
                [.pc, .app, .jsapi, .mini].map { several.appIDs[$0] } == [
                    "wx0123456789abcdef", "wx_app", "wx_jsapi", "wx_mini",
                ])
            #expect(several.oauth?.baseURL == "https://api.weixin.qq.com")
            #expect(several.oauth?.authorizeURL == "https://open.weixin.qq.com/connect/oauth2/authorize")
            #expect(!String(reflecting: several).contains("hush"))
        }
    }

    @Test func `stripe needs its two secrets`() throws {
        let stripe = try #require(try load(KeyFiles.stripe).stripe)
        #expect(stripe.secretKey.reveal() == "sk_test_hush0123456789" && stripe.baseURL == "https://api.stripe.com")
        #expect(try load(KeyFiles.stripe.merging(["PAYPAGE_STRIPE_SECRET_KEY": "rk_live_1"]) { $1 }).stripe != nil)
    }

    @Test func `a channel without any setting is not configured`() throws {
        let settings = try SettingsFixture.load(SettingsFixture.enough)
        #expect(settings.alipay == nil && settings.weChatPay == nil && settings.stripe == nil)
    }

    // MARK: Incomplete

    @Test(arguments: [
        ("PAYPAGE_ALIPAY_APP_ID", "alipay.app.id"), ("PAYPAGE_ALIPAY_PRIVATE_KEY_FILE", "alipay.private.key.file"),
        ("PAYPAGE_ALIPAY_PUBLIC_KEY_FILE", "alipay.public.key.file"),
    ]) func `incomplete alipay settings stop the start, and the missing key is named`(variable: String, key: String)
        async throws
    {
        try await withKeyFiles { files in
            let mistakes = try mistakes(files.alipay([variable: ""]))
            #expect(keys(mistakes) == [key] && mistakes[0].contains("is not set"), "\(mistakes)")
        }
    }

    @Test(arguments: [
        ("PAYPAGE_WECHAT_MCH_ID", "wechat.mch.id"), ("PAYPAGE_WECHAT_APP_ID", "wechat.app.id"),
        ("PAYPAGE_WECHAT_SERIAL_NO", "wechat.serial.no"),
        ("PAYPAGE_WECHAT_PRIVATE_KEY_FILE", "wechat.private.key.file"),
        ("PAYPAGE_WECHAT_API_V3_KEY", "wechat.api.v3.key"), ("PAYPAGE_WECHAT_PUBLIC_KEY_ID", "wechat.public.key.id"),
        ("PAYPAGE_WECHAT_PUBLIC_KEY_FILE", "wechat.public.key.file"),
    ]) func `incomplete wechat settings stop the start, and the missing key is named`(variable: String, key: String)
        async throws
    {
        try await withKeyFiles { files in
            let mistakes = try mistakes(files.weChatPay([variable: ""]))
            #expect(keys(mistakes) == [key] && mistakes[0].contains("is not set"), "\(mistakes)")
        }
    }

    @Test func `wechat without a key or certificates for verification stops the start`() async throws {
        try await withKeyFiles { files in
            let none = ["PAYPAGE_WECHAT_PUBLIC_KEY_ID": "", "PAYPAGE_WECHAT_PUBLIC_KEY_FILE": ""]
            let mistakes = try mistakes(files.weChatPay(none))
            #expect(keys(mistakes) == ["wechat.platform.certificates"])
        }
    }

    @Test func `an optional key alone makes a channel incomplete, and every missing key is named`() throws {
        let expected = ["alipay.app.id", "alipay.private.key.file", "alipay.public.key.file"]
        let alipay = try mistakes(["PAYPAGE_ALIPAY_PC_METHOD": "precreate"])
        let stripe = try mistakes(["PAYPAGE_STRIPE_SECRET_KEY": "sk_test_1"])
        #expect(keys(alipay) == expected && keys(stripe) == ["stripe.webhook.secret"])
    }

    // MARK: Invalid

    @Test(arguments: [
        ("PAYPAGE_ALIPAY_APP_ID", "my app", "alipay.app.id", "letters and digits"),
        ("PAYPAGE_ALIPAY_GATEWAY_URL", "https://openapi.alipay.com", "alipay.gateway.url", "/gateway.do"),
        ("PAYPAGE_ALIPAY_GATEWAY_URL", "http://openapi.alipay.com/gateway.do", "alipay.gateway.url", "is not https"),
        ("PAYPAGE_ALIPAY_SELLER_ID", "me@shop", "alipay.seller.id", "letters and digits"),
        ("PAYPAGE_ALIPAY_PC_METHOD", "qr", "alipay.pc.method", "page or precreate"),
        ("PAYPAGE_ALIPAY_PRIVATE_KEY_FILE", "/nowhere", "alipay.private.key.file", "is not an existing file"),
    ]) func `the message about an invalid alipay value names the key and the fix`(
        variable: String, value: String, key: String, part: String
    ) async throws {
        try await withKeyFiles { files in
            let mistakes = try mistakes(files.alipay([variable: value]))
            #expect(keys(mistakes) == [key] && mistakes[0].contains(part), "\(mistakes)")
        }
    }

    @Test(arguments: [
        ("PAYPAGE_WECHAT_MCH_ID", "m 1", "wechat.mch.id", "letters and digits"),
        ("PAYPAGE_WECHAT_APP_ID", "wx 1", "wechat.app.id", "letters and digits"),
        ("PAYPAGE_WECHAT_APP_ID_MINI", "wx 1", "wechat.app.id.mini", "letters and digits"),
        ("PAYPAGE_WECHAT_OAUTH_SECRET", "hush", "wechat.oauth.secret", "AppSecret"),
        ("PAYPAGE_WECHAT_OAUTH_BASE_URL", "http://api.weixin.qq.com", "wechat.oauth.base.url", "is not https"),
        ("PAYPAGE_WECHAT_SERIAL_NO", "5D:EA", "wechat.serial.no", "hexadecimal"),
        ("PAYPAGE_WECHAT_API_V3_KEY", "hush-hush-hush-hush-hush-hush-hush", "wechat.api.v3.key", "32 bytes"),
        ("PAYPAGE_WECHAT_PUBLIC_KEY_ID", "0119", "wechat.public.key.id", "PUB_KEY_ID_"),
        ("PAYPAGE_WECHAT_PLATFORM_CERTIFICATES", "yes", "wechat.platform.certificates", "true or false"),
        ("PAYPAGE_WECHAT_BASE_URL", "http://api.mch.weixin.qq.com", "wechat.base.url", "is not https"),
        ("PAYPAGE_PUBLIC_URL", "http://127.0.0.1:8080", "public.url", "WeChat Pay sends notices only to https"),
    ]) func `the message about an invalid wechat value names the key and the fix`(
        variable: String, value: String, key: String, part: String
    ) async throws {
        try await withKeyFiles { files in
            let mistakes = try mistakes(files.weChatPay([variable: value]))
            #expect(keys(mistakes) == [key] && mistakes[0].contains(part), "\(mistakes)")
            #expect(!mistakes.joined().contains("hush"))
        }
    }

    /// The channels that may be used with a loopback public URL.
    @Test(arguments: ["http://127.0.0.1:8080", "https://localhost", "http://[::1]:8080"], [false, true])
    func `a loopback public URL stops the start with a live provider`(url: String, dev: Bool) async throws {
        try await withKeyFiles { files in
            var live = KeyFiles.stripe
            live["PAYPAGE_STRIPE_SECRET_KEY"] = "sk_live_hush0123456789"
            let away = ["PAYPAGE_STRIPE_BASE_URL": "http://127.0.0.1:9000"]
            let trial = ["PAYPAGE_ALIPAY_GATEWAY_URL": "https://openapi-sandbox.dl.alipaydev.com/gateway.do"]
            let refused = [live, try files.alipay(), try files.weChatPay()]
            for channel in refused { #expect(try keysRefused(channel, url, dev: dev) == ["public.url"]) }
            #expect(try keysRefused(live.merging(away) { $1 }, url, dev: dev) == [])
            // A test account may be used with --dev, where queries find the payments.
            for channel in [KeyFiles.stripe, try files.alipay(trial)] {
                #expect(try keysRefused(channel, url, dev: dev) == (dev ? [] : ["public.url"]))
            }
        }
    }

    private func keysRefused(_ channel: [String: String], _ publicURL: String, dev: Bool) throws -> [String] {
        let all = KeyFiles.basics.merging(channel) { $1 }.merging(["PAYPAGE_PUBLIC_URL": publicURL]) { $1 }
        return keys(try SettingsFixture.mistakes(all, dev: dev))
    }

    @Test func `with --dev a live provider needs a public URL`() async throws {
        try await withKeyFiles { files in
            let mistakes = try SettingsFixture.mistakes(files.alipay(), dev: true)
            #expect(keys(mistakes) == ["public.url"] && mistakes[0].contains("is not set; alipay"), "\(mistakes)")
        }
    }

    @Test func `a WeChat Pay on the same machine may use any public URL`() async throws {
        try await withKeyFiles { files in
            let local = [
                "PAYPAGE_WECHAT_BASE_URL": "http://127.0.0.1:9000", "PAYPAGE_PUBLIC_URL": "http://127.0.0.1:8080",
            ]
            let settings = try load(files.weChatPay(local))
            #expect(settings.weChatPay?.baseURL == "http://127.0.0.1:9000")
        }
    }

    @Test(arguments: [
        ("PAYPAGE_STRIPE_SECRET_KEY", "pk_live_hush", "stripe.secret.key", "not pk_"),
        ("PAYPAGE_STRIPE_SECRET_KEY", "sk_live_hush hush", "stripe.secret.key", "is not a secret key"),
        ("PAYPAGE_STRIPE_WEBHOOK_SECRET", "hush", "stripe.webhook.secret", "whsec_"),
        ("PAYPAGE_STRIPE_BASE_URL", "http://api.stripe.com", "stripe.base.url", "is not https"),
    ]) func `the message about an invalid stripe value names the key and the fix`(
        variable: String, value: String, key: String, part: String
    ) throws {
        let mistakes = try mistakes(KeyFiles.stripe.merging([variable: value]) { $1 })
        #expect(keys(mistakes) == [key] && mistakes[0].contains(part), "\(mistakes)")
        #expect(!mistakes.joined().contains("hush"))
    }

    // MARK: Key files

    struct Mistaken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let part: String
    }

    private static let certificate = "-----BEGIN CERTIFICATE-----\naHVzaA==\n-----END CERTIFICATE-----\n"

    /// A throw-away key that is too short.
    private static let shortPublicKey = """
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDijlOt1utx2L+FRHnvRncapA8IHDHHVqSurIABxm4UXY6+MHVmu3SfmFM2AvI+5ylwJzFZioU+
        8GWxVHEIWiNjVjbKqvodstjqazgVoBOH1JXScuAFstgI7wAubyH40tglFKWTG9yrU2bGoIPXmNxdQYNlB+wr3ArS7Eadrz5tXQIDAQAB
        """

    @Test(arguments: [
        Mistaken(testDescription: "an empty file", text: "", part: "without a key"),
        Mistaken(testDescription: "nothing", text: "\n", part: "without a key"),
        Mistaken(testDescription: "a certificate", text: certificate, part: "is a certificate"),
        Mistaken(testDescription: "a public key", text: KeyFiles.ours.publicKey.pemRepresentation, part: "public key"),
        Mistaken(
            testDescription: "an encrypted key",
            text: "-----BEGIN ENCRYPTED PRIVATE KEY-----\naHVzaA==\n-----END ENCRYPTED PRIVATE KEY-----",
            part: "encrypted"),
        Mistaken(
            testDescription: "a key that is encrypted as OpenSSL once did",
            text: "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\naHVzaA==\n"
                + "-----END RSA PRIVATE KEY-----",
            part: "encrypted"),
        Mistaken(testDescription: "prose", text: "hush, it is a secret", part: "no RSA key"),
    ]) func `a file that is not a private key is reported by its kind, without its content`(_ row: Mistaken)
        async throws
    {
        try await withKeyFiles { files in
            let mistakes = try mistakes(files.alipay(["PAYPAGE_ALIPAY_PRIVATE_KEY_FILE": files.write(row.text)]))
            #expect(keys(mistakes) == ["alipay.private.key.file"] && mistakes[0].contains(row.part), "\(mistakes)")
            #expect(!mistakes.joined().contains("hush") && !mistakes.joined().contains("aHVz"))
        }
    }

    @Test(arguments: [
        Mistaken(testDescription: "a certificate", text: certificate, part: "is a certificate"),
        Mistaken(testDescription: "a private key", text: KeyFiles.ours.pemRepresentation, part: "is a private key"),
        Mistaken(testDescription: "an empty file", text: "", part: "without a key"),
        Mistaken(testDescription: "1024 bits", text: shortPublicKey, part: "less than 2048 bits"),
    ]) func `a file that is not a public key is reported by its kind`(_ row: Mistaken) async throws {
        try await withKeyFiles { files in
            let mistakes = try mistakes(files.alipay(["PAYPAGE_ALIPAY_PUBLIC_KEY_FILE": files.write(row.text)]))
            #expect(keys(mistakes) == ["alipay.public.key.file"] && mistakes[0].contains(row.part), "\(mistakes)")
        }
    }

    @Test func `our own public key in place of the provider's is detected`() async throws {
        try await withKeyFiles { files in
            let own = try files.write(KeyFiles.ours.publicKey.pemRepresentation)
            let alipay = try mistakes(files.alipay(["PAYPAGE_ALIPAY_PUBLIC_KEY_FILE": own]))
            #expect(
                keys(alipay) == ["alipay.public.key.file"] && alipay[0].contains("the application's own public key"))
            let weChatPay = try mistakes(files.weChatPay(["PAYPAGE_WECHAT_PUBLIC_KEY_FILE": own]))
            #expect(keys(weChatPay) == ["wechat.public.key.file"] && weChatPay[0].contains("the merchant's own"))
        }
    }

    @Test func `a key file is read as PKCS#1 and PKCS#8, with PEM marks and without`() async throws {
        try await withKeyFiles { files in
            let key = KeyFiles.ours
            let forms = [
                (key.pemRepresentation, "PKCS#1, with PEM marks"),
                (key.pkcs8PEMRepresentation, "PKCS#8, with PEM marks"),
                ("\u{FEFF}" + key.pemRepresentation.replacing("\n", with: "\r\n"), "PKCS#1, with PEM marks"),
                (key.derRepresentation.base64EncodedString(), "PKCS#1, without PEM marks"),
                (key.pkcs8DERRepresentation.base64EncodedString(), "PKCS#8, without PEM marks"),
            ]
            for (text, form) in forms {
                let path = try files.write(text)
                let alipay = try load(files.alipay(["PAYPAGE_ALIPAY_PRIVATE_KEY_FILE": path])).alipay
                #expect(alipay?.privateKey.form.description == form)
            }
        }
    }

    @Test func `loaded channels print no secret`() async throws {
        try await withKeyFiles { files in
            let all = try files.alipay().merging(files.weChatPay()) { $1 }.merging(KeyFiles.stripe) { $1 }
            let print = String(reflecting: try load(all))
            #expect(!print.contains("hush"))
        }
    }
}
