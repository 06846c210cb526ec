import PayAccess
import PayCore
import PayFlow
import PayProviders
import PostgresStore
import Testing

@testable import paypage

@Suite struct SettingsDefaultsTests {
    @Test func `each setting has its documented default`() throws {
        let settings = try SettingsFixture.load(SettingsFixture.enough)

        #expect(settings.http.host == "127.0.0.1")
        #expect(settings.http.port == 8080)
        #expect(settings.http.trustedProxies.isEmpty)
        #expect(settings.http.requestTimeout == .seconds(30))
        #expect(settings.http.idleTimeout == .seconds(75))
        #expect(settings.http.connections == nil)
        #expect(settings.hasFastLane)
        #expect(settings.publicURL == .fixed("https://pay.example.com"))
        #expect(settings.database.address.description == "paypage.sqlite")
        #expect(settings.database.writesPerCommit == 128 && settings.database.lanes == 2)
        #expect(settings.database.migration == .onCommand && settings.database.durability == .replicated)
        #expect(settings.database.proofsPerSecond == 2_000 && settings.nodes == 1)
        #expect(settings.cacheMemory == 160 << 20)
        #expect(settings.userTokens.secrets.isEmpty && settings.userTokens.jwksFile == nil)
        #expect(settings.userTokens.issuer == nil && settings.userTokens.audience == nil)
        #expect(settings.returnHosts == nil)
        #expect(settings.corsOrigins.isEmpty && settings.checkout.frameAncestors.isEmpty)
        #expect(settings.checkout.shopName == nil)
        #expect(settings.orderTTL == .seconds(30 * 60))
        #expect(settings.deadlines == Deadlines(policy: .reserve, margin: .seconds(60)))
        #expect(settings.repayMode == .cached)
        #expect(settings.switchPolicy == .allow)
        #expect(settings.provider.timeout == .seconds(8))
        #expect(settings.provider.connectTimeout == .seconds(2))
        #expect(settings.provider.authoritiesFile == nil)
        #expect(settings.backup == nil && settings.privacyRetention == .seconds(400 * 86_400))
        #expect(settings.generated.isEmpty)
    }

    @Test func `each setting of the sandbox has its documented default`() throws {
        let settings = try SettingsFixture.load(SettingsFixture.enough)
        let sandbox = try #require(settings.sandbox)

        #expect(settings.sandboxes == ["sandbox"])
        #expect(sandbox.place == .elsewhere("http://127.0.0.1:9000/sandbox"))
        #expect(sandbox.pageTTL == .seconds(2 * 3600))
        #expect(sandbox.pcKind == .html)
        #expect(sandbox.tradeScope == .order)
        #expect(sandbox.secret.reveal() == SettingsFixture.sandboxSecret)
    }

    @Test func `every setting can be set`() throws {
        let settings = try SettingsFixture.load(
            [:],
            file: """
                http: {host: "::1", port: 0, trusted.proxies: [10.0.0.7, "2001:DB8::7"]}
                http.request.timeout: 5s
                http.idle.timeout: 2m
                http.connections: 500
                fast.lane: off
                public.url: https://Pay.Example.com/shop/
                database: {url: "sqlite:/var/lib/paypage.db", writes.per.commit: 1}
                cache.memory: 0
                api.keys: [pk_0123456789abcdef, pk_fedcba9876543210]
                token.secret: token-secret-of-more-than-32-bytes
                user:
                  jwt: {secret: user-secret-of-no-less-than-32-bytes, issuer: shop, audience: pay}
                  jwks.file: \(#filePath)
                shop.name: Tea & Sons
                checkout.frame.ancestors: https://Shop.example.com/
                cors.origins: [https://shop.example.com:443, http://127.0.0.1:3000]
                return.hosts: Shop.example.com, localhost
                order.ttl: 1h30m
                deadline: {policy: grace, margin: 90s}
                repay.mode: provider
                switch.policy: strict
                provider: {timeout: 5s, connect.timeout: 500ms}
                sandbox:
                  enabled: true
                  channels: [sandbox, sandbox2]
                  base.url: http://localhost:9000/
                  page.ttl: 3s
                  pc.kind: qr
                  trade.scope: terminal
                  secret: sandbox-secret
                """
        )

        #expect(settings.cacheMemory == 0)
        #expect(settings.http.host == "::1" && settings.http.port == 0)
        #expect(settings.http.requestTimeout == .seconds(5) && settings.http.idleTimeout == .seconds(120))
        #expect(settings.http.connections == 500)
        #expect(!settings.hasFastLane)
        #expect(settings.http.trustedProxies.map { "\($0)" } == ["10.0.0.7", "2001:db8::7"])
        #expect(settings.publicURL == .fixed("https://pay.example.com/shop"))
        #expect(settings.database.address.description == "/var/lib/paypage.db")
        #expect(settings.database.writesPerCommit == 1)
        #expect(settings.apiKeys.map { $0.secret.reveal() } == ["pk_0123456789abcdef", "pk_fedcba9876543210"])
        #expect(settings.tokenSecrets.map { $0.reveal() } == ["token-secret-of-more-than-32-bytes"])
        #expect(settings.userTokens.secrets.map { $0.reveal() } == ["user-secret-of-no-less-than-32-bytes"])
        #expect(settings.userTokens.jwksFile == #filePath)
        #expect(settings.userTokens.issuer == "shop" && settings.userTokens.audience == "pay")
        #expect(settings.returnHosts == ["shop.example.com", "localhost"])
        #expect(settings.checkout.shopName == "Tea & Sons")
        #expect(settings.checkout.frameAncestors == ["https://shop.example.com"])
        #expect(settings.corsOrigins == ["https://shop.example.com", "http://127.0.0.1:3000"])
        #expect(settings.orderTTL == .seconds(5400))
        #expect(settings.deadlines == Deadlines(policy: .grace, margin: .seconds(90)))
        #expect(settings.repayMode == .provider && settings.switchPolicy == .strict)
        #expect(settings.provider.timeout == .seconds(5) && settings.provider.connectTimeout == .milliseconds(500))
        let sandbox = try #require(settings.sandbox)
        #expect(settings.sandboxes == ["sandbox", "sandbox2"])
        #expect(sandbox.place == .elsewhere("http://localhost:9000"))
        #expect(sandbox.pageTTL == .seconds(3) && sandbox.pcKind == .qr && sandbox.tradeScope == .terminal)
    }

    @Test(arguments: [CertificateKind.bare, .withText])
    func `a file of authorities is accepted by its path`(kind: CertificateKind) async throws {
        try await withKeyFiles { files in
            let path = try files.write(kind.text, "authorities.pem")
            let settings = try SettingsFixture.load(
                SettingsFixture.enough.merging(["PAYPAGE_PROVIDER_CA_FILE": path]) { $1 })
            #expect(settings.provider.authoritiesFile == path)
        }
    }

    /// One authority as two tools write it.
    enum CertificateKind: Sendable {
        case bare
        case withText

        var text: String { self == .bare ? certificate : "Bag Attributes\n    friendlyName: proxy\n" + certificate }

        private var certificate: String {
            """
            -----BEGIN CERTIFICATE-----
            MIIBkjCCATmgAwIBAgIUHpLf75KfrKrO0kKU7qLivtKJOQUwCgYIKoZIzj0EAwIw
            HjEcMBoGA1UEAwwTYW4gaW5zcGVjdGluZyBwcm94eTAgFw0yNjExMjkwOTIzMzZa
            GA8yMTI2MTEwNTA5MjMzNlowHjEcMBoGA1UEAwwTYW4gaW5zcGVjdGluZyBwcm94
            eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMD/kdXJXauu65hhZ+SrqVmH8wYs
            vkJ9zgfe9kUSMBpo0jKw2RSHPxznfyG8fofUmuRS1tjgxMsS6K/AAdWuOoSjUzBR
            MB0GA1UdDgQWBBRQ29dKfYuOHQW1PQK8Dr7YXTtq0zAfBgNVHSMEGDAWgBRQ29dK
            fYuOHQW1PQK8Dr7YXTtq0zAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cA
            MEQCIGRI78RqRnzTlxfchVr7xwSOx8hscLmgI/2w4IH9cq+NAiBrHpEz07NA3fN4
            HIuN72WZ+5yQxOYnhbHX+1DK/Zb77Q==
            -----END CERTIFICATE-----

            """
        }
    }

    @Test func `the default of the connect time-out is no longer than the whole call`() throws {
        let environment = ["PAYPAGE_PROVIDER_TIMEOUT": "1s"]
        let settings = try Settings.load(
            environment: environment, configFile: nil, dev: true, randomSecret: { String(repeating: "s", count: 64) })
        #expect(settings.provider.connectTimeout == .seconds(1))
    }

    @Test(arguments: [("sqlite:x.db", "x.db"), ("sqlite:/var/x.db", "/var/x.db"), ("sqlite:///var/x.db", "/var/x.db")])
    func `a database is a plain file, in every spelling of its path`(url: String, path: String) throws {
        let address = try Settings.databaseAddress(environment: ["PAYPAGE_DATABASE_URL": url], configFile: nil)
        guard case .sqlite(path: let read) = address else {
            Issue.record("\(address)")
            return
        }
        #expect(read == path)
    }

    @Test func `the help lists every setting once, with its real default`() {
        #expect(
            Settings.reference.map(\.key) == SettingKey.allCases.map(\.name)
                + ChannelKey.allCases.map { "channels.NAME.\($0.rawValue)" }
                + EndpointKey.allCases.map { "webhook.endpoints.NAME.\($0.rawValue)" })
        #expect(Settings.reference.first { $0.key == "order.ttl" }?.standard == "30m")
        #expect(Settings.reference.first { $0.key == "http.port" }?.variable == "PAYPAGE_HTTP_PORT")
        #expect(Settings.reference.allSatisfy { !$0.meaning.isEmpty && !$0.meaning.contains("\n") })
    }

    @Test func `no two settings share a variable, and only wechat.app.id is a prefix of others`() {
        #expect(Set(SettingName.known.map(SettingName.variable)).count == SettingName.known.count)
        let prefixes = SettingName.known.filter { name in SettingName.known.contains { $0.hasPrefix(name + ".") } }
        #expect(prefixes == ["wechat.app.id"])
    }
}
