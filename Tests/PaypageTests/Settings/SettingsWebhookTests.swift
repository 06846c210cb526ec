import PayCore
import PayProviders
import Testing

@testable import paypage

@Suite struct SettingsWebhookTests {
    private static let url = "https://shop.example.com/told"
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func enough(url: String = url, secret: String = secret) -> [String: String] {
        SettingsFixture.enough(["PAYPAGE_WEBHOOK_URL": url, "PAYPAGE_WEBHOOK_SECRET": secret])
    }

    @Test func `without URL and secret no webhook is sent`() throws {
        #expect(try SettingsFixture.load(SettingsFixture.enough).webhooks.isEmpty)
        #expect(try SettingsFixture.load([:], dev: true).webhooks.isEmpty)
    }

    @Test(arguments: [
        url, "https://shop.example.com", "https://shop.example.com/", "https://shop.example.com/a//?shop=7&key=x/y",
        "http://127.0.0.1:9000/told", "http://localhost/told", "http://[::1]:9000/told?x",
    ])
    func `a webhook URL is called as it is written`(_ url: String) throws {
        let webhook = try #require(try SettingsFixture.load(enough(url: url)).webhooks.first)
        #expect(webhook.url == url && webhook.name == .standard && webhook.kinds == nil)
        #expect(webhook.signers.map(\.hasShortKey) == [false])
    }

    @Test(arguments: [
        ("http://shop.example.com/told", "is not https"), ("https://shop.example.com/#x", "fragment"),
        ("https://shop.example.com/?a#x", "fragment"), ("https://me:pw@shop.example.com/", "user or a password"),
        ("shop.example.com", "is not an absolute URL"), ("https://", "is not an absolute URL"),
        ("ftp://shop.example.com", "is not an absolute URL"), ("https://shop.example.com/?a b", "is not a URL"),
    ])
    func `an invalid webhook URL is a mistake`(_ url: String, _ part: String) throws {
        let mistakes = try SettingsFixture.mistakes(enough(url: url))
        #expect(mistakes.count == 1 && mistakes[0].hasPrefix("webhook.url (PAYPAGE_WEBHOOK_URL): "), "\(mistakes)")
        #expect(mistakes[0].contains(part), "\(mistakes)")
    }

    @Test func `webhook URL and secret are set together, and the message names both`() throws {
        let noSecret = try SettingsFixture.mistakes(enough(secret: ""))
        #expect(
            noSecret == [
                "webhook.secret (PAYPAGE_WEBHOOK_SECRET): is not set, but webhook.url is; "
                    + "set both to send webhooks, or neither"
            ])
        let noURL = try SettingsFixture.mistakes(enough(url: ""))
        #expect(
            noURL.count == 1 && noURL[0].hasPrefix("webhook.url (PAYPAGE_WEBHOOK_URL): is not set, but webhook.sec"))
    }

    @Test(arguments: ["whsec_", "whsec_no base64"])
    func `an invalid webhook secret is a mistake, and is not repeated`(_ secret: String) throws {
        let mistakes = try SettingsFixture.mistakes(enough(secret: secret))
        #expect(mistakes.count == 1 && mistakes[0].hasPrefix("webhook.secret (PAYPAGE_WEBHOOK_SECRET): begins with"))
        #expect(!mistakes[0].contains("invalid base64") || !mistakes[0].contains("whsec_no"))
    }

    @Test(arguments: [
        ("abc", 3), ("twenty-three bytes long", 23), ("whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXM=", 23),
        ("0123456789abcdef01234567", 18),
    ])
    func `a secret below 24 bytes stops the start, and isn't repeated`(secret: String, bytes: Int) throws {
        let mistakes = try SettingsFixture.mistakes(enough(secret: secret))
        #expect(
            mistakes.count == 1
                && mistakes[0].hasPrefix("webhook.secret (PAYPAGE_WEBHOOK_SECRET): is too short: \(bytes) bytes"))
        #expect(mistakes[0].contains("24 bytes (echo whsec_$(openssl rand -base64 32))"), "\(mistakes)")
        #expect(!mistakes[0].contains(secret))
    }

    @Test(arguments: ["twenty-four bytes it has", "whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo"])
    func `a secret of 24 bytes is long enough`(secret: String) throws {
        #expect(try SettingsFixture.load(enough(secret: secret)).webhooks.first?.signers.first?.hasShortKey == false)
    }

    @Test func `loaded settings print no secret`() throws {
        let print = String(reflecting: try SettingsFixture.load(enough(secret: "hush-hush-hush-hush-hush-hush")))
        #expect(!print.contains("hush"))
    }
}
