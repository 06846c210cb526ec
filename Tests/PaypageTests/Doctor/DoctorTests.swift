import CryptoExtras
import Foundation
import PayCore
import PayProviders
import PayTestSupport
import SQLiteStore
import Testing

@testable import paypage

@Suite struct `The doctor` {
    private let clock = HandMovedClock()

    // MARK: Reach and clock

    private func reach(_ transport: any ProviderTransport, _ url: String = "https://pay.example/x?key=hush") async
        -> [Finding]
    {
        await ReachCheck(subject: "stripe", url: url, transport: transport, clock: clock).findings()
    }

    @Test(arguments: [200, 302, 401, 404, 500])
    func `doctor accepts any HTTP answer as reachable, and shows only the host`(
        status: Int
    ) async {
        let script = DoctorScript(status)
        #expect(
            await reach(script).map(\.description) == [
                "ok    stripe reach: https://pay.example answers (HTTP \(status))"
            ])
        #expect(script.requests.map(\.method) == [.get] && script.requests[0].headers.isEmpty)
    }

    @Test(arguments: [
        (TransportError.Reason.couldNotResolve, "DNS"), (.couldNotConnect, "firewall"), (.connectTimedOut, "firewall"),
        (.tlsNotTrusted, "certificates"), (.tlsFailed, "TLS 1.2"),
    ]) func `doctor says why an address does not answer, and how to fix it`(reason: TransportError.Reason, part: String)
        async
    {
        let findings = await reach(DoctorScript(failing: reason))
        #expect(findings.map(\.grade) == [.failure] && findings[0].text.contains(part), "\(findings)")
        #expect(!findings[0].text.contains("hush"))
    }

    @Test(arguments: [
        ("Sun, 22 Nov 2026 10:00:00 GMT", Finding.Grade.ok, "0 s"),
        ("Sun, 22 Nov 2026 09:59:31 GMT", .ok, "28 s ahead of"),
        ("Sun, 22 Nov 2026 09:59:00 GMT", .warning, "59 s ahead of"),
        ("Sun, 22 Nov 2026 10:05:00 GMT", .failure, "300 s behind"),
        ("Sun, 22 Nov 2026 10:04:00 GMT", .warning, "240 s behind"),
        ("Sun, 22 Nov 2026 09:50:00 GMT", .failure, "599 s ahead of"),
    ]) func `doctor compares the clocks by the Date of the answer`(date: String, grade: Finding.Grade, part: String)
        async
    {
        let findings = await reach(DoctorScript(200, headers: [Header(name: "date", value: date)]))
        #expect(findings["stripe clock"]?.grade == grade, "\(findings)")
        #expect(findings["stripe clock"]?.text.contains(part) == true, "\(findings)")
    }

    @Test(arguments: ["", "yesterday", "2026-11-22T10:00:00Z"]) func `doctor reports no clock without a Date`(
        date: String
    ) async {
        let findings = await reach(DoctorScript(200, headers: [Header(name: "Date", value: date)]))
        #expect(findings.map(\.subject) == ["stripe reach"])
    }

    // MARK: User tokens

    @Test func `doctor warns of an unusable key of the JWKS file, without the key itself`() async throws {
        try await withKeyFiles { files in
            let jwks = """
                {"keys":[{"kty":"EC","crv":"P-384","kid":"old","x":"aHVzaA","y":"aHVzaA"},
                {"kty":"OKP","crv":"Ed25519","kid":"new","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}

                """
            let environment = KeyFiles.stripe.merging(["PAYPAGE_USER_JWKS_FILE": try files.write(jwks)]) { $1 }
            let findings = try await DoctorFixture.findings(environment, over: DoctorScript(200))
            #expect(findings["settings"]?.grade == .ok && findings["user tokens"]?.grade == .warning)
            let text = findings["user tokens"]?.text ?? ""
            #expect(text.contains(#"key 1 (kid "old", kty "EC"): key type is not supported"#), "\(text)")
            #expect(!text.contains("aHVzaA") && !text.contains("new"))
        }
    }

    // MARK: Accounts

    private static let noSuchTrade = #"{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST"}"#

    @Test func `doctor accepts Alipay's keys after a signed answer that the trade does not exist`() async throws {
        try await withKeyFiles { files in
            let script = DoctorScript(200, try DoctorFixture.alipayAnswer(Self.noSuchTrade))
            let findings = try await DoctorFixture.findings(
                files.alipay(["PAYPAGE_PUBLIC_URL": "https://pay.example.com"]), over: script)
            #expect(findings.allSatisfy { $0.grade == .ok }, "\(findings)")
            #expect(
                findings.map(\.subject) == [
                    "settings", "database", "public url", "alipay keys", "alipay notices", "alipay reach",
                    "alipay account",
                ])
            #expect(findings["alipay notices"]?.text.contains("https://pay.example.com/v1/notices/alipay") == true)
            #expect(findings["alipay keys"]?.text.contains("PKCS#8, with PEM marks, 2048 bits") == true)
        }
    }

    @Test(arguments: [
        ("isv.invalid-signature", "upload the public key"), ("isv.invalid-app-id", "alipay.app.id"),
        ("isv.something-else", "both key files"),
    ]) func `doctor explains an account problem by Alipay's own code`(code: String, part: String) async throws {
        try await withKeyFiles { files in
            let node = #"{"code":"40002","msg":"Invalid Arguments","sub_code":"\#(code)","sub_msg":"hush"}"#
            let script = DoctorScript(200, #"{"alipay_trade_query_response":\#(node)}"#)
            let account = try await DoctorFixture.findings(files.alipay(), over: script)["alipay account"]
            #expect(account?.grade == .failure && account?.text.contains(part) == true, "\(account as Any)")
            #expect(account?.text.contains(code) == true && account?.text.contains("hush") == false)
        }
    }

    @Test func `doctor detects a public key that is not Alipay's`() async throws {
        try await withKeyFiles { files in
            let answer = try DoctorFixture.alipayAnswer(Self.noSuchTrade, signedBy: KeyFiles.ours)
            let findings = try await DoctorFixture.findings(files.alipay(), over: DoctorScript(200, answer))
            #expect(findings["alipay account"]?.grade == .failure)
            #expect(findings["alipay account"]?.text.contains("alipay.public.key.file") == true, "\(findings)")
        }
    }

    @Test func `doctor accepts WeChat Pay's keys after its unsigned answer that the order does not exist`() async throws
    {
        try await withKeyFiles { files in
            let script = DoctorScript(404, #"{"code":"ORDER_NOT_EXIST","message":"hush"}"#)
            let findings = try await DoctorFixture.findings(files.weChatPay(), over: script)
            #expect(!findings.contains { $0.grade == .failure }, "\(findings)")
            #expect(findings["wechat account"]?.grade == .ok)
            #expect(findings["wechat account"]?.text.contains("hush") == false)
            // No answer was signed or encrypted: doctor warns, and does not report ok.
            #expect(findings["wechat signature"]?.grade == .warning)
            #expect(findings["wechat APIv3 key"]?.grade == .warning)
        }
    }

    @Test func `doctor names WeChat Pay's appid of each terminal, and that it can't check the binding`() async throws {
        try await withKeyFiles { files in
            let script = DoctorScript(404, #"{"code":"ORDER_NOT_EXIST","message":"hush"}"#)
            let findings = try await DoctorFixture.findings(files.weChatPay(), over: script)
            let appIDs = try #require(findings["wechat appids"])
            #expect(appIDs.grade == .ok)
            #expect(appIDs.text.contains(" for pc, h5, app, jsapi, mini; no check shows"), "\(appIDs)")
            #expect(findings["wechat oauth"] == nil)
        }
    }

    @Test(arguments: [
        (#"{"errcode":40029,"errmsg":"invalid code"}"#, Finding.Grade.ok, "accepted"),
        (#"{"errcode":40125,"errmsg":"invalid appsecret"}"#, .failure, "oauth.secret"),
        (#"{"errcode":40013,"errmsg":"invalid appid"}"#, .failure, "app.id.jsapi"),
        (#"{"errcode":-1,"errmsg":"busy"}"#, .warning, "code:-1"), ("<html>", .warning, "unreadable"),
    ])
    func `doctor checks the AppSecret of WeChat's OAuth with a made-up code`(
        _ answer: String, _ grade: Finding.Grade, _ words: String
    ) async throws {
        let secret = "7f1d2b0c9e8a4f6db35c1a0e2d4f6b81"
        let script = DoctorScript(200, answer)
        let configuration = WeChatPayConfiguration(
            merchantID: "1900000001", appIDs: WeChatPayAppIDs("wx1", jsapi: "wx2"), serialNumber: "1",
            signingKey: try RSASigningKey(text: Secret(KeyFiles.ours.pemRepresentation)), apiV3Key: Secret("k"),
            publicKey: nil, fetchesCertificates: true, baseURL: "http://127.0.0.1:9000",
            oauth: .init(secret: Secret(secret), baseURL: "http://127.0.0.1:9000"), notifyURL: { "" })
        let provider = WeChatPayProvider(
            configuration, transport: GuardedTransport(script, clock: SystemClock()), clock: SystemClock())
        let findings = await WeChatPayAppCheck(
            provider: provider, names: ChannelKeyNames(channel: provider.channel, kind: .wechat, long: [])
        ).findings()
        #expect(findings["wechat appids"]?.text.hasPrefix("wx1 for pc, h5, app, mini; wx2 for jsapi;") == true)
        let oauth = try #require(findings["wechat oauth"])
        #expect(oauth.grade == grade && oauth.text.contains(words), "\(oauth)")
        #expect(script.requests.allSatisfy { $0.url.contains("appid=wx2&") })
        #expect(findings.allSatisfy { !$0.description.contains(secret) })
    }

    @Test func `doctor reports that WeChat Pay rejects our signature`() async throws {
        try await withKeyFiles { files in
            let script = DoctorScript(401, #"{"code":"SIGN_ERROR","message":"hush"}"#)
            let account = try await DoctorFixture.findings(files.weChatPay(), over: script)["wechat account"]
            #expect(
                account?.grade == .failure && account?.text.contains("wechat.serial.no") == true, "\(account as Any)")
        }
    }

    @Test(arguments: [
        (404, "resource_missing", Finding.Grade.ok, "was accepted"),
        (401, "x", .failure, "copy stripe.secret.key again"),
        (403, "x", .failure, "restricted key"), (500, "x", .failure, "stripe.base.url"),
    ]) func `doctor tells by Stripe's answer whether its key is valid`(
        status: Int, code: String, grade: Finding.Grade, part: String
    ) async throws {
        let body = #"{"error":{"type":"invalid_request_error","code":"\#(code)","message":"hush"}}"#
        let script = DoctorScript(status, body)
        let account = try await DoctorFixture.findings(KeyFiles.stripe, over: script)["stripe account"]
        #expect(account?.grade == grade && account?.text.contains(part) == true, "\(account as Any)")
        #expect(account?.text.contains("hush") == false)
        #expect(script.requests.last?.url.contains("/v1/checkout/sessions/cs_test_") == true)
    }

    @Test func `doctor checks no account of an unreachable provider`() async throws {
        let findings = try await DoctorFixture.findings(KeyFiles.stripe, over: DoctorScript(failing: .couldNotConnect))
        #expect(findings["stripe reach"]?.grade == .failure && findings["stripe account"] == nil)
    }

    // MARK: Local checks

    @Test(arguments: [
        ("http://127.0.0.1:8080", "https://api.stripe.com", Finding.Grade.failure),
        ("https://localhost", "https://api.stripe.com", .failure),
        ("http://127.0.0.1:8080", "http://127.0.0.1:9000", .ok),
        ("https://pay.example.com", "https://api.stripe.com", .ok),
    ]) func `doctor tells whether a provider can send its notices`(
        publicURL: String, providerURL: String, grade: Finding.Grade
    ) {
        let check = NoticeAddressCheck(
            channel: Channel("stripe")!, providerURL: providerURL, publicURL: publicURL, isNamedByHand: true)
        #expect(check.finding().grade == grade)
        #expect(check.finding().text.contains("\(publicURL)/v1/notices/stripe"))
    }

    @Test func `doctor reports settings that a channel's terms forbid`() async throws {
        try await withKeyFiles { files in
            let precreate = try files.alipay([
                "PAYPAGE_ALIPAY_PC_METHOD": "precreate", "PAYPAGE_REPAY_MODE": "provider",
            ])
            let settings = try await DoctorFixture.findings(precreate, over: DoctorScript(200))["settings"]
            #expect(settings?.grade == .failure && settings?.text.hasPrefix("repay.mode ") == true)
        }
    }

    @Test func `doctor warns of a private key that every user can read`() async throws {
        try await withKeyFiles { files in
            let environment = try files.alipay()
            let path = try #require(environment["PAYPAGE_ALIPAY_PRIVATE_KEY_FILE"])
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let findings = try await DoctorFixture.findings(environment, over: DoctorScript(200))
            #expect(findings.contains { $0.grade == .warning && $0.text.contains("chmod o= \(path)") }, "\(findings)")
        }
    }

    @Test func `doctor checks the database without creating or changing it`() async throws {
        try await withKeyFiles { files in
            let path = files.folder.appending(path: "paypage.sqlite").path
            #expect(DatabaseFileCheck(path: path).finding().grade == .ok)
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(DatabaseFileCheck(path: "/nowhere/x.sqlite").finding().grade == .failure)
            let other = try files.write("this is no database, but long enough to be taken for one\n")
            #expect(DatabaseFileCheck(path: other).finding().grade == .failure)
            let empty = try files.write("")
            #expect(DatabaseFileCheck(path: empty).finding().grade == .warning)
            #expect(try Data(contentsOf: URL(filePath: empty)).isEmpty)
        }
    }

    @Test func `doctor warns of a database that other users can read`() async throws {
        try await withKeyFiles { files in
            let path = files.folder.appending(path: "paypage.sqlite").path
            try Schema.migrate(at: path)
            #expect(DatabaseFileCheck(path: path).finding().grade == .ok)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            let finding = DatabaseFileCheck(path: path).finding()
            #expect(finding.grade == .warning && finding.text.contains("chmod 600 \(path)"), "\(finding)")
        }
    }

    @Test func `doctor prints a mistake in the settings as a line like the others`() {
        let mistake = SettingMistake(.stripeSecretKey, Complaint("is wrong", remedy: "mend it"))
        #expect(
            Finding(mistake).description
                == "FAIL  settings: stripe.secret.key (PAYPAGE_STRIPE_SECRET_KEY): is wrong; mend it")
    }

    @Test(
        arguments: [
            (#"{"code":"SIGN_ERROR","message":"x"}"#, "SIGN_ERROR"), (#"{"error":{"type":"api_error"}}"#, "api_error"),
            (#"{"error":{"type":"t","code":"resource_missing"}}"#, "resource_missing"),
            (#"{"a_response":{"code":"40004","sub_code":"ACQ.X"},"sign":"hush"}"#, "ACQ.X"),
            (#"{"code":"a b"}"#, nil), (#"{"code":7}"#, nil), ("<html>", nil), ("", nil), (#"["x"]"#, nil),
        ] as [(String, String?)]) func `doctor reads a provider's own code, and ignores any other text`(
            body: String, code: String?
        )
    {
        #expect(ProviderCode.first(in: Array(body.utf8)) == code)
    }
}
