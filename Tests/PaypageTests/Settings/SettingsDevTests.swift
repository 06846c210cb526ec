import PayAccess
import PayCore
import Testing

@testable import paypage

@Suite struct SettingsDevTests {
    @Test func `with --dev no setting is required, and generated secrets are reported`() throws {
        let settings = try SettingsFixture.load([:], dev: true)

        #expect(settings.generated.map(\.key) == [.apiKeys, .tokenSecret, .sandboxSecret])
        #expect(settings.generated.allSatisfy { $0.secret.reveal() == SettingsFixture.madeSecret })
        #expect(settings.apiKeys.map { $0.secret.reveal() } == [SettingsFixture.madeSecret])
        #expect(settings.tokenSecrets.map { $0.reveal() } == [SettingsFixture.madeSecret])
        #expect(settings.sandbox?.secret.reveal() == SettingsFixture.madeSecret)
    }

    @Test func `with --dev a configured secret is kept, and none is generated`() throws {
        let environment = [
            "PAYPAGE_API_KEYS": SettingsFixture.apiKey, "PAYPAGE_SANDBOX_SECRET": SettingsFixture.sandboxSecret,
        ]
        let settings = try SettingsFixture.load(environment, dev: true)

        #expect(settings.generated.map(\.key) == [.tokenSecret])
        #expect(settings.apiKeys.map { $0.secret.reveal() } == [SettingsFixture.apiKey])
        #expect(settings.sandbox?.secret.reveal() == SettingsFixture.sandboxSecret)
    }

    @Test func `the sandbox is mounted with --dev, unless it is external`() throws {
        #expect(try SettingsFixture.load([:], dev: true).sandbox?.place == .mounted)

        let elsewhere = try SettingsFixture.load(["PAYPAGE_SANDBOX_BASE_URL": "http://localhost:9000"], dev: true)
        #expect(elsewhere.sandbox?.place == .elsewhere("http://localhost:9000"))
    }

    @Test func `with --dev and no sandbox no secret is generated for it`() throws {
        let settings = try SettingsFixture.load(["PAYPAGE_SANDBOX_ENABLED": "false"], dev: true)

        #expect(settings.sandbox == nil)
        #expect(settings.generated.map(\.key) == [.apiKeys, .tokenSecret])
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.1.7", "pay.example.com"])
    func `with --dev the service listens on this machine only`(host: String) throws {
        let mistakes = try SettingsFixture.mistakes(["PAYPAGE_HTTP_HOST": host], dev: true)

        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasPrefix("http.host (PAYPAGE_HTTP_HOST): is reachable from outside") == true)
        #expect(try SettingsFixture.mistakes(SettingsFixture.enough(["PAYPAGE_HTTP_HOST": host])).isEmpty)
    }

    @Test(arguments: [
        ("127.0.0.1", "http://127.0.0.1:1234"), ("localhost", "http://localhost:1234"), ("::1", "http://[::1]:1234"),
    ])
    func `with --dev the public URL follows the listener`(host: String, url: String) throws {
        let environment = ["PAYPAGE_HTTP_HOST": host, "PAYPAGE_HTTP_PORT": "0"]
        let settings = try SettingsFixture.load(environment, dev: true)

        #expect(settings.publicURL.text(listeningOn: 1234) == url)
    }

    @Test func `a configured public URL does not follow the listener`() throws {
        let settings = try SettingsFixture.load(["PAYPAGE_PUBLIC_URL": "https://pay.example.com"], dev: true)

        #expect(settings.publicURL.text(listeningOn: 1234) == "https://pay.example.com")
    }

    @Test func `without --dev a public URL, keys, token secret and a channel are required`() throws {
        let mistakes = try SettingsFixture.mistakes([:])

        #expect(
            mistakes.map { $0.prefix { $0 != " " } } == ["public.url", "api.keys", "token.secret", "sandbox.enabled"])
        #expect(mistakes.last?.contains("no other channel is configured") == true)
    }

    @Test func `without --dev an enabled sandbox needs its address and its secret`() throws {
        let environment = SettingsFixture.enough(["PAYPAGE_SANDBOX_BASE_URL": "", "PAYPAGE_SANDBOX_SECRET": ""])
        let mistakes = try SettingsFixture.mistakes(environment)

        #expect(mistakes.map { $0.prefix { $0 != " " } } == ["sandbox.base.url", "sandbox.secret"])
    }

    @Test func `mistakes of a disabled sandbox are reported too`() throws {
        let environment = ["PAYPAGE_SANDBOX_ENABLED": "false", "PAYPAGE_SANDBOX_PC_KIND": "x"]

        #expect(try SettingsFixture.mistakes(environment, dev: true).count == 1)
    }
}
