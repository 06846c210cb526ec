import PayAccess
import PayCore
import PayProviders
import Testing

@testable import paypage

/// Pasted values, with line breaks, blanks and quotation marks around them.
@Suite struct SettingsTrimmingTests {
    private static let secrets = [
        "PAYPAGE_API_KEYS": SettingsFixture.apiKey, "PAYPAGE_TOKEN_SECRET": SettingsFixture.tokenSecret,
        "PAYPAGE_USER_JWT_SECRET": "user-secret-of-no-less-than-32-bytes", "PAYPAGE_SANDBOX_SECRET": "sandbox-secret",
        "PAYPAGE_WEBHOOK_URL": "https://shop.example/told",
        "PAYPAGE_WEBHOOK_SECRET": "whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo",
    ].merging(KeyFiles.stripe) { $1 }

    @Test(arguments: ["\n", "\r\n", " ", "\t", "\u{A0}", " \n\n"])
    func `white space around a value is removed in the environment`(space: String) throws {
        let padded = SettingsFixture.enough(Self.secrets.mapValues { space + $0 + space })
            .merging([
                "PAYPAGE_HTTP_PORT": "8081\(space)", "PAYPAGE_RETURN_HOSTS": "a.example,\(space)b.example\(space)",
            ]) {
                $1
            }
        let settings = try SettingsFixture.load(padded)
        #expect(settings.apiKeys.map { $0.secret.reveal() } == [SettingsFixture.apiKey])
        #expect(settings.tokenSecrets.map { $0.reveal() } == [SettingsFixture.tokenSecret])
        #expect(settings.userTokens.secrets.map { $0.reveal() } == ["user-secret-of-no-less-than-32-bytes"])
        #expect(settings.sandbox?.secret.reveal() == "sandbox-secret")
        #expect(settings.stripe?.webhookSecrets.first?.reveal() == KeyFiles.stripe["PAYPAGE_STRIPE_WEBHOOK_SECRET"])
        #expect(settings.webhooks.first?.url == "https://shop.example/told")
        #expect(settings.http.port == 8081 && settings.returnHosts == ["a.example", "b.example"])
    }

    @Test func `white space around a value is removed in a file`() throws {
        let settings = try SettingsFixture.load(
            [:],
            file: """
                public.url: " https://pay.example.com\\n"
                api.keys: [" \(SettingsFixture.apiKey)\\n", "other-key-of-the-merchant\\r\\n"]
                token.secret: |
                  \(SettingsFixture.tokenSecret)
                user.jwt.secret: "user-secret-of-no-less-than-32-bytes\\n"
                sandbox: {enabled: " true ", base.url: "http://127.0.0.1:9000/\\n", secret: "s-s\\n"}
                """)
        #expect(settings.apiKeys.map { $0.secret.reveal() } == [SettingsFixture.apiKey, "other-key-of-the-merchant"])
        #expect(settings.tokenSecrets.map { $0.reveal() } == [SettingsFixture.tokenSecret])
        #expect(settings.userTokens.secrets.map { $0.reveal() } == ["user-secret-of-no-less-than-32-bytes"])
        #expect(settings.sandbox?.secret.reveal() == "s-s")
    }

    @Test func `a value of white space alone is empty`() throws {
        let mistakes = try SettingsFixture.mistakes(SettingsFixture.enough(["PAYPAGE_TOKEN_SECRET": " \n"]))
        #expect(mistakes.count == 1 && mistakes[0].contains("is empty"))
    }

    @Test(arguments: SettingKey.allCases.filter(\.isSecret), ["\"hush\"", "'hush'", " “hush” \n", "\"hush", "`hush`"])
    func `quotation marks around a secret stop the start, and the secret is not shown`(
        key: SettingKey, value: String
    ) throws {
        let long = value.replacing("hush", with: "hush-hush-hush-hush-hush-hush-hu")
        var environment = SettingsFixture.enough
        environment[SettingName.variable(for: key.name)] = long
        let mistakes = try SettingsFixture.mistakes(environment).filter { $0.hasPrefix("\(key.name) ") }
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains("quotation mark") == true, "\(mistakes)")
        #expect(mistakes.first?.contains("remove the quotation marks") == true)
        #expect(!mistakes.joined().contains("hush"))
    }

    @Test func `a quotation mark inside a secret is an ordinary character`() throws {
        let secret = "hush-\"hush\"-hush-'hush'-hush-hush"
        let settings = try SettingsFixture.load(SettingsFixture.enough(["PAYPAGE_TOKEN_SECRET": secret]))
        #expect(settings.tokenSecrets.map { $0.reveal() } == [secret])
    }
}
