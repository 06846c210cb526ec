import PayProviders

/// A key as `--help` and the page docs/configuration.md describe it.
struct SettingReference: Hashable, Sendable {
    let key: String
    let variable: String
    /// The default, as text. Nil when the key has none.
    let standard: String?
    let meaning: String

    /// Whether the key takes several values.
    let isList: Bool
    /// Whether the value must not reach a log.
    let isSecret: Bool

    fileprivate init(_ key: ChannelKey) {
        let (standard, meaning) = key.particulars
        self.key = ChannelWord.name("NAME", key.rawValue)
        self.variable = SettingName.variable(for: self.key)
        self.standard = standard
        self.meaning = meaning
        self.isList = false
        self.isSecret = false
    }

    fileprivate init(_ key: EndpointKey) {
        self.key = EndpointWord.name("NAME", key)
        self.variable = SettingName.variable(for: self.key)
        self.standard = nil
        self.meaning = key.meaning
        self.isList = key.isList
        self.isSecret = key == .secret
    }

    fileprivate init(_ key: SettingKey) {
        let (standard, meaning) = key.particulars
        self.key = key.name
        self.variable = SettingName.variable(for: key.name)
        self.standard = standard
        self.meaning = meaning
        self.isList = key.isList
        self.isSecret = key.isSecret
    }
}

extension Settings {
    /// Every setting of this version, in the order of the documentation.
    static let reference =
        SettingKey.allCases.map { SettingReference($0) } + ChannelKey.allCases.map { SettingReference($0) }
        + EndpointKey.allCases.map { SettingReference($0) }
}

extension EndpointKey {
    fileprivate var meaning: String {
        switch self {
        case .url: "URL of the webhook endpoint NAME: https, or http on loopback"
        case .secret: "keys that sign the webhooks to endpoint NAME; required with its URL"
        case .events: "types of the events for endpoint NAME; every type when not set"
        }
    }
}

extension ChannelKey {
    fileprivate var particulars: (standard: String?, meaning: String) {
        switch self {
        case .provider:
            (nil, "alipay, wechat, stripe or sandbox; required, except for the channels of the short form")
        case .accept: ("true", "false: channel NAME makes no new attempts; its open attempts continue")
        case .titleEnglish:
            (nil, "title of the channel on the checkout page, except in Chinese; the provider's name when not set")
        case .titleChinese: (nil, "title of the channel on the Chinese page; the provider's name when not set")
        case .markFile:
            (nil, "image file to show instead of Paypage's mark: SVG, PNG or WebP, up to 32 KiB")
        }
    }
}

extension SettingKey {
    /// The default text, which `--help` prints too.
    var standard: String? { particulars.standard }

    fileprivate var particulars: (standard: String?, meaning: String) {
        switch self {
        case .httpHost: ("127.0.0.1", "host name or address to listen on")
        case .httpPort: ("8080", "port to listen on; 0 for any free port")
        case .publicURL:
            (
                nil,
                "base URL of notify and checkout URLs: https, or http on loopback; required; with --dev the listener's own"
            )
        case .httpTrustedProxies:
            (nil, "proxies whose X-Forwarded-For counts: addresses and CIDR ranges; none when not set")
        case .httpRequestTimeout: ("30s", "longest time from a request's first byte to its last; 1s to 10m")
        case .httpIdleTimeout: ("75s", "longest time that a connection without a request stays open; 1s to 1h")
        case .httpConnections:
            (nil, "most connections open at once; the open file limit less a reserve when not set")
        case .reloadSocket:
            (
                nil,
                "path of the socket for paypage reload; when not set, the path of the SQLite file with .reload, or paypage.reload"
            )
        case .databaseURL:
            ("sqlite:paypage.sqlite", "the database: sqlite:PATH, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
        case .databaseWritesPerCommit:
            ("128", "SQLite: most decisions in one commit, 1 to 1000; 1 commits each alone")
        case .databaseLanes: ("2", "PostgreSQL: connections that write side by side, 1 to 64")
        case .databaseMigrate:
            (
                "on_command",
                "PostgreSQL: on_command: serve refuses to start with pending migrations; at_start: serve applies them"
            )
        case .databaseDurability:
            (
                "replicated",
                "PostgreSQL: replicated: each commit waits for a standby; single: one server; managed: the hoster replicates"
            )
        case .databaseProofsPerSecond:
            ("2000", "PostgreSQL: most questions per second about cached pages, each about many; 1 to 100000")
        case .clusterNodes:
            ("1", "service processes that share the database, 1 to 1000; limits of provider calls are divided by it")
        case .cacheMemory: ("160", "MiB of memory for cached pages; 0 turns the cache off")
        case .fastLane: ("on", "on or off: serve cached pages on the connection's thread, before the routes")
        case .apiKeys:
            (
                nil,
                "API keys of the merchant, as KEY or NAME:KEY, with an end as KEY@2027-01-01 if it has one; 16 characters or more each are recommended; required"
            )
        case .tokenSecret:
            (nil, "keys of checkout tokens, 32 bytes or more each: the first signs, and all verify; required")
        case .userJWTSecret: (nil, "keys that verify user tokens (HS256), 32 bytes or more each")
        case .userJWKSFile: (nil, "JWKS file of public keys that verify user tokens; unusable keys are skipped")
        case .userJWTIssuer: (nil, "issuer (`iss`) that a user token must have")
        case .userJWTAudience: (nil, "audience (`aud`) that a user token must have")
        case .returnHosts: (nil, "hosts that a return_url may name; any host when not set")
        case .shopName: (nil, "name of the shop on the checkout page; when not set, the host name of public.url")
        case .shopLogo: (nil, "image file of the shop's logo on the checkout page: SVG, PNG or WebP, up to 64 KiB")
        case .shopColor: (nil, "colour of the checkout page's buttons, as #RRGGBB; Paypage's own when not set")
        case .checkoutFrameAncestors:
            (nil, "web origins that may show the checkout page in a frame; none when not set")
        case .corsOrigins: (nil, "web origins whose scripts may call the API; none when not set")
        case .orderTTL: ("30m", "time to pay an order, when the call has no expires_in; up to 15d")
        case .deadlinePolicy:
            (
                "reserve",
                "reserve: pay calls end a margin before the order; grace: the provider's deadline is a margin after it"
            )
        case .deadlineMargin: ("60s", "margin between the last pay call and the provider's deadline")
        case .repayMode: ("cached", "cached: a repay returns the stored page; provider: it calls the provider again")
        case .switchPolicy:
            ("allow", "allow or strict: whether an order may switch while its old page may still take money")
        case .providerTimeout: ("8s", "longest time of a provider call, with its wait in the queue; 100ms to 60s")
        case .providerConnectTimeout: ("2s", "longest time to connect, as a part of provider.timeout")
        case .providerCAFile:
            (nil, "PEM file of certificate authorities for provider calls; replaces those of the system")
        case .sandboxEnabled: ("false", "turns the sandbox provider on; true with --dev")
        case .sandboxChannels:
            ("sandbox", "channels of the sandbox; a second one, such as sandbox2, lets you try switching")
        case .sandboxBaseURL: (nil, "base URL of the sandbox; with --dev the service's own /sandbox")
        case .sandboxPageTTL: ("2h", "lifetime of a sandbox page")
        case .sandboxPCKind: ("html", "kind of the sandbox's page for pc: html or qr")
        case .sandboxTradeScope: ("order", "what one sandbox trade serves: order (all terminals) or terminal")
        case .sandboxSecret: (nil, "key that signs the sandbox's requests and notices; generated with --dev")
        case .channelsOrder:
            (
                nil,
                "channels in the order of the checkout page; the others follow: Alipay, WeChat Pay, Stripe, sandbox, each by name"
            )
        case .alipayAppID: (nil, "application id at Alipay; with its key files it configures the channel alipay")
        case .alipayPrivateKeyFile: (nil, "file of the application's private key: PKCS#1 or PKCS#8, PEM or base64")
        case .alipayPublicKeyFile:
            (nil, "file of Alipay's public key (not the application's own); during a rotation two files")
        case .alipayAppCertFile:
            (nil, "certificate mode: file of the application's certificate (appCertPublicKey_….crt)")
        case .alipayCertFile: (nil, "certificate mode: file of Alipay's certificate (alipayCertPublicKey_RSA2.crt)")
        case .alipayRootCertFile: (nil, "certificate mode: file of Alipay's root certificates (alipayRootCert.crt)")
        case .alipayGatewayURL: (AlipayConfiguration.production, "URL of Alipay's gateway, with /gateway.do")
        case .alipaySellerID: (nil, "merchant number at Alipay (2088…), which notices must name when it is set")
        case .alipayPCMethod: ("page", "Alipay's page for pc: page (HTML) or precreate (QR code)")
        case .wechatMchID: (nil, "merchant number at WeChat Pay; configures the channel wechat")
        case .wechatAppID: (nil, "app id (wx…) that is bound to the merchant; the default of the next three")
        case .wechatAppIDApp: (nil, "app id of the mobile app, for terminal app; wechat.app.id when not set")
        case .wechatAppIDJSAPI: (nil, "app id of the official account, for terminal jsapi; wechat.app.id when not set")
        case .wechatAppIDMini: (nil, "app id of the mini program, for terminal mini; wechat.app.id when not set")
        case .wechatSerialNo: (nil, "serial number of the merchant's API certificate, in hexadecimal")
        case .wechatPrivateKeyFile: (nil, "file of the merchant's private key (apiclient_key.pem)")
        case .wechatAPIV3Key: (nil, "APIv3 key: 32 bytes; during a rotation the new one and the old one")
        case .wechatPublicKeyID:
            (nil, "id of WeChat Pay's public key (PUB_KEY_ID_…); with wechat.public.key.file, in the same order")
        case .wechatPublicKeyFile:
            (nil, "file of WeChat Pay's public key; with wechat.public.key.id, in the same order")
        case .wechatPlatformCertificates:
            ("false", "true: fetch the platform certificates, instead of the public key or beside it")
        case .wechatBaseURL: (WeChatPayConfiguration.production, "base URL of WeChat Pay")
        case .wechatOAuthSecret:
            (nil, "AppSecret of the official account; the checkout page then learns the openid inside WeChat")
        case .wechatOAuthBaseURL: (WeChatPayConfiguration.OAuth.production, "base URL of WeChat's OAuth token call")
        case .wechatOAuthAuthorizeURL:
            (WeChatPayConfiguration.OAuth.authorizePage, "WeChat's page that gives out an OAuth code")
        case .stripeSecretKey: (nil, "secret key (sk_…) or restricted key (rk_…); configures the channel stripe")
        case .stripeWebhookSecret:
            (nil, "signing secrets (whsec_…) of the endpoint for Stripe's notices; during a rotation two")
        case .stripeBaseURL: (StripeConfiguration.production, "base URL of Stripe")
        case .backupDir:
            (nil, "SQLite: folder in which the service keeps copies of the database; no copies when not set")
        case .backupEvery: ("1h", "SQLite: time from one copy to the next; 1m to 7d")
        case .backupKeep: ("48", "SQLite: copies that stay in backup.dir, 1 to 1000")
        case .privacyRetention:
            ("400d", "time after an order is over until the buyer's data is blanked; 1d to 36500d")
        case .reconcileEnabled: ("true", "true: fetch the providers' bills each day and compare them with the books")
        case .reconcileAt: ("10:30", "time of the day in China (UTC+8) to fetch the bill of the day before")
        case .reconcileForeign:
            (
                "report",
                "report or ignore: whether a bill's payment with a number like Paypage's, for an unknown order, is a difference"
            )
        case .tracingEndpoint:
            (
                nil,
                "base URL of a collector that takes OTLP over HTTP with JSON, such as http://127.0.0.1:4318: https, or http on loopback; no traces are made when not set"
            )
        case .tracingSample:
            ("0.01", "share of the traces that are recorded, 0 to 1; a caller's traceparent decides for its own")
        case .consoleEnabled: ("false", "true: serve the operators' console at /console, on a listener of its own")
        case .consoleHost: ("127.0.0.1", "address on which the console listens; another one needs console.public.url")
        case .consolePort: ("8081", "port of the console; 0 for any free one")
        case .consolePublicURL:
            (nil, "web origin under which operators reach the console, such as https://pay-console.example.com")
        case .consoleSessionIdle: ("30m", "how long a session lasts without a request; 1m to 24h")
        case .consoleSessionLength: ("12h", "how long a session lasts at most; 5m to 7d")
        case .consoleRefundLimit:
            (
                nil,
                "largest refund that the role operator may order in the console, in minor units (10000 is 100.00 CNY); any when not set"
            )
        case .webhookURL:
            (nil, "URL of the shop for webhooks: https, or http on loopback; no webhooks are sent when not set")
        case .webhookSecret:
            (nil, "keys that sign webhooks, each: whsec_ and base64, 24 bytes or more; required with webhook.url")
        case .webhookEvents:
            (nil, "types of the events to send, such as order.paid or refund.*; every type when not set")
        }
    }
}
