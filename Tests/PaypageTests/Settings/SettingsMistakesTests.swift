import Testing

@testable import paypage

@Suite struct SettingsMistakesTests {
    @Test func `every mistake in the settings is reported at once`() throws {
        let environment = [
            "PAYPAGE_HTTP_PORT": "80a",
            "PAYPAGE_API_KEYS": "two words",
            "PAYPAGE_COLOUR": "red",
            "PAYPAGE_ORDER_TTL": "30",
        ]
        let mistakes = try SettingsFixture.mistakes(
            environment,
            file: """
                public.url: http://pay.example.com
                repay.mode: sometimes
                stripe.secret.key: sk_live_0123456789
                sandbox: {enabled: true, base.url: 'http://127.0.0.1:9000', secret: sandbox-secret}
                """
        )

        #expect(
            mistakes.map { $0.prefix { $0 != " " && $0 != ":" } } == [
                "PAYPAGE_COLOUR", "http.port", "public.url", "api.keys", "token.secret", "order.ttl", "repay.mode",
                "stripe.webhook.secret",
            ])
    }

    @Test(arguments: [
        ("PAYPAGE_HTTP_HOST", "http://x", "http.host", "is not a host name or an IP address"),
        ("PAYPAGE_HTTP_HOST", "127.0.0.1:80", "http.host", "is not a host name or an IP address"),
        ("PAYPAGE_HTTP_PORT", "65536", "http.port", "0 to 65535"),
        ("PAYPAGE_HTTP_PORT", "-1", "http.port", "0 to 65535"),
        ("PAYPAGE_HTTP_PORT", "+80", "http.port", "0 to 65535"),
        ("PAYPAGE_HTTP_REQUEST_TIMEOUT", "500ms", "http.request.timeout", "is too short"),
        ("PAYPAGE_HTTP_REQUEST_TIMEOUT", "11m", "http.request.timeout", "is too long"),
        ("PAYPAGE_HTTP_IDLE_TIMEOUT", "75", "http.idle.timeout", "is not a duration"),
        ("PAYPAGE_HTTP_CONNECTIONS", "0", "http.connections", "1 to 1000000"),
        ("PAYPAGE_HTTP_CONNECTIONS", "many", "http.connections", "1 to 1000000"),
        ("PAYPAGE_FAST_LANE", "false", "fast.lane", "on or off"),
        ("PAYPAGE_PUBLIC_URL", "http://pay.example.com", "public.url", "is not https"),
        ("PAYPAGE_PUBLIC_URL", "", "public.url", "is not set; set it to the https address"),
        ("PAYPAGE_HTTP_TRUSTED_PROXIES", "10.0.0.7,proxy", "http.trusted.proxies", "item 2 is not an IP address"),
        ("PAYPAGE_HTTP_TRUSTED_PROXIES", "10.0.0.7,", "http.trusted.proxies", "item 2 is empty"),
        ("PAYPAGE_HTTP_TRUSTED_PROXIES", "10.0.0.0/33", "http.trusted.proxies", "CIDR"),
        ("PAYPAGE_HTTP_TRUSTED_PROXIES", "10.0.0.7:80", "http.trusted.proxies", "ports"),
        ("PAYPAGE_DATABASE_URL", "mysql://x", "database.url", "sqlite:PATH"),
        ("PAYPAGE_DATABASE_URL", "postgresql://u:p@ss@x/y", "database.url", "%40"),
        ("PAYPAGE_DATABASE_URL", "sqlite:", "database.url", "sqlite:PATH"),
        ("PAYPAGE_DATABASE_URL", "sqlite::memory:", "database.url", "is not the path of a file"),
        ("PAYPAGE_DATABASE_URL", "sqlite://data/x.db", "database.url", "is not the path of a file"),
        ("PAYPAGE_DATABASE_LANES", "0", "database.lanes", "1 to 64"),
        ("PAYPAGE_BACKUP_DIR", "backups", "backup.dir", "from the root"),
        ("PAYPAGE_BACKUP_EVERY", "30s", "backup.every", "at least 1m"),
        ("PAYPAGE_BACKUP_KEEP", "0", "backup.keep", "1 to 1000"),
        ("PAYPAGE_PRIVACY_RETENTION", "1h", "privacy.retention", "at least 1d"),
        ("PAYPAGE_DATABASE_MIGRATE", "never", "database.migrate", "expected on_command or at_start"),
        ("PAYPAGE_DATABASE_DURABILITY", "none", "database.durability", "replicated or single or managed"),
        ("PAYPAGE_DATABASE_PROOFS_PER_SECOND", "fast", "database.proofs.per.second", "1 to 100000"),
        ("PAYPAGE_CLUSTER_NODES", "0", "cluster.nodes", "1 to 1000"),
        ("PAYPAGE_CACHE_MEMORY", "-1", "cache.memory", "whole number of MiB"),
        ("PAYPAGE_CACHE_MEMORY", "128M", "cache.memory", "whole number of MiB"),
        ("PAYPAGE_CACHE_MEMORY", "1048577", "cache.memory", "at most 1048576"),
        ("PAYPAGE_API_KEYS", "two words", "api.keys", "visible ASCII"),
        ("PAYPAGE_TOKEN_SECRET", "thirty-one-bytes-is-one-too-few", "token.secret", "32 random bytes"),
        ("PAYPAGE_USER_JWT_SECRET", "short", "user.jwt.secret", "32 random bytes"),
        ("PAYPAGE_USER_JWKS_FILE", "/nowhere/jwks.json", "user.jwks.file", "is not an existing file"),
        ("PAYPAGE_USER_JWKS_FILE", "/tmp", "user.jwks.file", "is the folder /tmp"),
        ("PAYPAGE_RETURN_HOSTS", "https://shop.example.com", "return.hosts", "is not a host name or an IP address"),
        ("PAYPAGE_CORS_ORIGINS", "https://shop.example/pay", "cors.origins", "has a path"),
        ("PAYPAGE_CORS_ORIGINS", "http://shop.example", "cors.origins", "is not https"),
        ("PAYPAGE_CORS_ORIGINS", "*", "cors.origins", "is not an absolute URL"),
        ("PAYPAGE_CHECKOUT_FRAME_ANCESTORS", "https://a.example; script-src *", "checkout.frame.ancestors", "URL"),
        ("PAYPAGE_SHOP_NAME", "two\nlines", "shop.name", "one line of at most 64"),
        ("PAYPAGE_SHOP_NAME", " ", "shop.name", "is empty"),
        ("PAYPAGE_SHOP_LOGO", "/nowhere/logo.svg", "shop.logo", "is not an existing file"),
        ("PAYPAGE_SHOP_LOGO", "/etc/hostname", "shop.logo", "SVG, PNG or WebP"),
        ("PAYPAGE_SHOP_COLOR", "red", "shop.color", "#RRGGBB"),
        ("PAYPAGE_SHOP_COLOR", "#16 7FF", "shop.color", "#RRGGBB"),
        ("PAYPAGE_SHOP_COLOR", "#1677FF0", "shop.color", "#RRGGBB"),
        ("PAYPAGE_DATABASE_WRITES_PER_COMMIT", "0", "database.writes.per.commit", "from 1 to 1000"),
        ("PAYPAGE_DATABASE_WRITES_PER_COMMIT", "1001", "database.writes.per.commit", "from 1 to 1000"),
        ("PAYPAGE_DATABASE_WRITES_PER_COMMIT", "+8", "database.writes.per.commit", "from 1 to 1000"),
        ("PAYPAGE_ORDER_TTL", "15d1ms", "order.ttl", "at most 15d"),
        ("PAYPAGE_ORDER_TTL", "60s", "order.ttl", "deadline.margin"),
        ("PAYPAGE_DEADLINE_POLICY", "Reserve", "deadline.policy", "reserve or grace"),
        ("PAYPAGE_ORDER_TTL", "0s", "order.ttl", "is too short"),
        ("PAYPAGE_DEADLINE_MARGIN", "60", "deadline.margin", "is not a duration"),
        ("PAYPAGE_REPAY_MODE", "x", "repay.mode", "cached or provider"),
        ("PAYPAGE_SWITCH_POLICY", "x", "switch.policy", "allow or strict"),
        ("PAYPAGE_PROVIDER_TIMEOUT", "61s", "provider.timeout", "at most 1m"),
        ("PAYPAGE_PROVIDER_TIMEOUT", "99ms", "provider.timeout", "at least 100ms"),
        ("PAYPAGE_PROVIDER_CONNECT_TIMEOUT", "9s", "provider.connect.timeout", "at most provider.timeout"),
        ("PAYPAGE_PROVIDER_CA_FILE", "/nowhere/ca.pem", "provider.ca.file", "is not an existing file"),
        ("PAYPAGE_PROVIDER_CA_FILE", "/etc/hostname", "provider.ca.file", "without a certificate"),
        ("PAYPAGE_SANDBOX_ENABLED", "yes", "sandbox.enabled", "true or false"),
        ("PAYPAGE_SANDBOX_CHANNELS", "sandbox,alipay", "sandbox.channels", "item 2 is not the name of a"),
        ("PAYPAGE_SANDBOX_CHANNELS", "Sandbox", "sandbox.channels", "is not the name of a sandbox channel"),
        ("PAYPAGE_SANDBOX_CHANNELS", "sandbox,sandbox", "sandbox.channels", "lists a channel twice"),
        ("PAYPAGE_SANDBOX_BASE_URL", "http://sandbox.example.com", "sandbox.base.url", "is not https"),
        ("PAYPAGE_SANDBOX_PAGE_TTL", "2", "sandbox.page.ttl", "is not a duration"),
        ("PAYPAGE_SANDBOX_PC_KIND", "x", "sandbox.pc.kind", "html or qr"),
        ("PAYPAGE_SANDBOX_TRADE_SCOPE", "x", "sandbox.trade.scope", "order or terminal"),
    ])
    func `the message about an invalid value names key, variable and fix`(
        variable: String, value: String, key: String, part: String
    ) throws {
        let mistakes = try SettingsFixture.mistakes(SettingsFixture.enough([variable: value]))

        #expect(mistakes.count == 1, "\(mistakes)")
        #expect(mistakes.first?.hasPrefix("\(key) (\(variable)): ") == true, "\(mistakes)")
        #expect(mistakes.first?.contains(part) == true, "\(mistakes)")
    }

    @Test(arguments: SettingKey.allCases)
    func `no setting may be empty`(key: SettingKey) throws {
        var environment = SettingsFixture.enough
        environment[SettingName.variable(for: key.name)] = ""

        let mistakes = try SettingsFixture.mistakes(environment)

        #expect(mistakes.contains { $0.hasPrefix("\(key.name) ") && $0.contains("is empty") }, "\(mistakes)")
    }

    @Test(arguments: SettingKey.allCases)
    func `a possible secret is never repeated in a message, whatever setting holds it`(key: SettingKey) throws {
        let value = "hush.hush/\u{7}hush?hush"
        var environment = SettingsFixture.enough
        environment[SettingName.variable(for: key.name)] = value

        for mistake in try SettingsFixture.mistakes(environment) {
            #expect(!mistake.contains("hush"))
        }
    }

    @Test(arguments: [
        ("sometimes", "invalid value \"sometimes\"; expected cached or provider"),
        ("on-and_off", "invalid value \"on-and_off\"; expected cached or provider"),
        ("pk_0123456789", "invalid value; expected cached or provider"),
        ("seventeenletterss", "invalid value; expected cached or provider"),
        ("two words", "invalid value; expected cached or provider"),
    ])
    func `an invalid value is shown if it is one short word, which no generated secret is`(
        value: String, message: String
    ) throws {
        let mistakes = try SettingsFixture.mistakes(SettingsFixture.enough(["PAYPAGE_REPAY_MODE": value]))

        #expect(mistakes == ["repay.mode (PAYPAGE_REPAY_MODE): \(message)"])
    }

    @Test(arguments: [
        "token.secret: hush\n\tapi.keys: hush",
        "token.secret=hush",
        "token.secret=hush: 1",
        "{token.secret:hush}",
        "{\"token.secret\": \"hush",
        "token.secret: {hush: hush}",
        "token.secret: *hush",
    ])
    func `the message about a broken file does not show a secret in it`(file: String) throws {
        let mistakes = try SettingsFixture.mistakes(SettingsFixture.enough, file: file)

        #expect(!mistakes.isEmpty)
        #expect(!mistakes.joined().contains("hush"), "\(mistakes)")
    }

    @Test func `loaded settings print no secret`() throws {
        let environment = SettingsFixture.enough(["PAYPAGE_USER_JWT_SECRET": "user-secret-of-no-less-than-32-bytes"])
        let print = String(reflecting: try SettingsFixture.load(environment))

        #expect(print.contains("<secret>"))
        for secret in ["pk_0123456789abcdef", "token-secret", "user-secret", "sandbox-secret"] {
            #expect(!print.contains(secret))
        }
    }

    @Test func `with grace the margin may be longer than the order`() throws {
        let environment = SettingsFixture.enough(["PAYPAGE_ORDER_TTL": "30s", "PAYPAGE_DEADLINE_POLICY": "grace"])

        #expect(try SettingsFixture.mistakes(environment).isEmpty)
    }
}
