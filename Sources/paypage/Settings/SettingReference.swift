import PayProviders

/// A setting as `--help` prints it.
struct SettingReference: Hashable, Sendable {
    let key: String
    let variable: String
    /// The default of the setting. Nil if it has none.
    let standard: String?
    let meaning: String

    /// A setting that exists once for each channel.
    fileprivate init(channelAccept meaning: String) {
        self.key = SettingName.channelAccept("NAME")
        self.variable = SettingName.variable(for: key)
        self.standard = "true"
        self.meaning = meaning
    }

    fileprivate init(_ key: SettingKey) {
        let (standard, meaning) = key.particulars
        self.key = key.name
        self.variable = SettingName.variable(for: key.name)
        self.standard = standard
        self.meaning = meaning
    }
}

extension Settings {
    /// Every setting of this version, in the order of the documentation.
    static let reference =
        SettingKey.allCases.map { SettingReference($0) } + [
            SettingReference(
                channelAccept: "false: channel NAME makes no new attempts, and goes on with those that it has")
        ]
}

extension SettingKey {
    /// The default text, which `--help` prints too.
    var standard: String? { particulars.standard }

    fileprivate var particulars: (standard: String?, meaning: String) {
        switch self {
        case .httpHost: ("127.0.0.1", "the address to listen on")
        case .httpPort: ("8080", "the port to listen on; 0 for any free one")
        case .publicURL:
            (
                nil,
                "base of notify and checkout URLs; https, or http on loopback; required, with --dev the listener's own"
            )
        case .httpTrustedProxies:
            (nil, "proxies whose X-Forwarded-For is believed: addresses and CIDR ranges, comma-separated")
        case .httpRequestTimeout: ("30s", "a request's time from its first byte to its last, 1s to 10m")
        case .httpIdleTimeout: ("75s", "how long a connection without a request stays open, 1s to 1h")
        case .httpConnections:
            (nil, "the most connections open at once; the limit of open files less a reserve when not set")
        case .databaseURL: ("sqlite:paypage.sqlite", "the database: sqlite:PATH")
        case .databaseWritesPerCommit:
            ("128", "how many decisions are committed together at most; 1 gives each a transaction of its own")
        case .cacheMemory: ("160", "MiB of memory for the pages that are asked for most; 0 keeps none there")
        case .fastLane: ("on", "on or off: whether pages in memory are answered ahead of the routes")
        case .apiKeys: (nil, "the merchant's keys, comma-separated, better 16 characters or more each; required")
        case .tokenSecret: (nil, "signs checkout tokens, 32 bytes or more; required")
        case .userJWTSecret: (nil, "checks users' tokens (HS256), 32 bytes or more")
        case .userJWKSFile:
            (nil, "JWKS file of public keys that check users' tokens; keys that can't be used are skipped")
        case .userJWTIssuer: (nil, "the `iss` that a user's token must have")
        case .userJWTAudience: (nil, "the `aud` that a user's token must have")
        case .returnHosts: (nil, "hosts that a return_url may name, comma-separated; any when not set")
        case .shopName: (nil, "the shop's name on the checkout page; the host of public.url when not set")
        case .checkoutFrameAncestors:
            (nil, "web origins that may show the checkout page in a frame, comma-separated; none when not set")
        case .corsOrigins: (nil, "web origins whose scripts may call the API, comma-separated; none when not set")
        case .orderTTL: ("30m", "an order's time to be paid, up to 15d")
        case .deadlinePolicy: ("reserve", "reserve: pay calls end a margin early; grace: the provider ends one late")
        case .deadlineMargin: ("60s", "time kept back for talking to the provider")
        case .repayMode: ("cached", "cached: a repay returns the stored page; provider: it asks the provider again")
        case .switchPolicy: ("allow", "allow or strict: whether a switch may follow a page that isn't proven closed")
        case .providerTimeout: ("8s", "the longest a provider call may take, 100ms to 60s")
        case .providerConnectTimeout: ("2s", "the part of it in which the connection must stand")
        case .providerCAFile:
            (nil, "PEM file of the authorities that providers' certificates must come from, in place of the system's")
        case .sandboxEnabled: ("false", "the provider for trying and testing; true with --dev")
        case .sandboxChannels: ("sandbox", "its channels, comma-separated (sandbox,sandbox2), to try switching")
        case .sandboxBaseURL: (nil, "where it is; with --dev the service's own /sandbox")
        case .sandboxPageTTL: ("2h", "how long a page of it lives")
        case .sandboxPCKind: ("html", "its page for pc: html or qr")
        case .sandboxTradeScope: ("order", "what one trade of it serves: order (every terminal) or terminal")
        case .sandboxSecret: (nil, "signs its requests and notices; made by --dev")
        case .alipayAppID:
            (nil, "the application's id at Alipay; with both key files, this configures the channel alipay")
        case .alipayPrivateKeyFile: (nil, "file of the application's private key: PKCS#1 or PKCS#8, PEM or bare base64")
        case .alipayPublicKeyFile: (nil, "file of Alipay's public key (not the application's)")
        case .alipayGatewayURL: (AlipayConfiguration.production, "Alipay's gateway, whole, with /gateway.do")
        case .alipaySellerID: (nil, "the merchant's number at Alipay (2088…), which its notices must then name")
        case .alipayPCMethod: ("page", "its page for pc: page (HTML) or precreate (QR)")
        case .wechatMchID: (nil, "the merchant's number at WeChat Pay; configures the channel wechat")
        case .wechatAppID: (nil, "the app's id (wx…), bound to the merchant")
        case .wechatSerialNo: (nil, "the serial number of the merchant's API certificate, in hexadecimal")
        case .wechatPrivateKeyFile: (nil, "file of the merchant's private key (apiclient_key.pem)")
        case .wechatAPIV3Key: (nil, "the APIv3 key: 32 bytes")
        case .wechatPublicKeyID:
            (nil, "the id of WeChat Pay's public key (PUB_KEY_ID_…): public-key mode, with its file")
        case .wechatPublicKeyFile: (nil, "file of WeChat Pay's public key")
        case .wechatPlatformCertificates:
            ("false", "true fetches platform certificates, alone or beside the public key")
        case .wechatBaseURL: (WeChatPayConfiguration.production, "where WeChat Pay is")
        case .stripeSecretKey: (nil, "the secret key (sk_…) or a restricted one (rk_…); configures the channel stripe")
        case .stripeWebhookSecret:
            (nil, "the signing secret (whsec_…) of the endpoint that Stripe sends its notices to")
        case .stripeBaseURL: (StripeConfiguration.production, "where Stripe is")
        case .webhookURL:
            (nil, "where the shop is told of payments; https, but for loopback; nothing is sent without it")
        case .webhookSecret: (nil, "signs what it is told: whsec_ and base64, 24 bytes or more; with webhook.url")
        }
    }
}
