import PayCore

/// The settings of this version. Keys of a provider stand here in their short form: `alipay.app.id` is
/// `channels.alipay.app.id`, and the same word is a key of every other channel of that provider.
enum SettingKey: String, CaseIterable, Sendable {
    case httpHost = "http.host"
    case httpPort = "http.port"
    case publicURL = "public.url"
    case httpTrustedProxies = "http.trusted.proxies"
    case httpRequestTimeout = "http.request.timeout"
    case httpIdleTimeout = "http.idle.timeout"
    case httpConnections = "http.connections"
    case reloadSocket = "reload.socket"
    case databaseURL = "database.url"
    case databaseWritesPerCommit = "database.writes.per.commit"
    case databaseLanes = "database.lanes"
    case databaseMigrate = "database.migrate"
    case databaseDurability = "database.durability"
    case databaseProofsPerSecond = "database.proofs.per.second"
    case clusterNodes = "cluster.nodes"
    case cacheMemory = "cache.memory"
    case fastLane = "fast.lane"
    case apiKeys = "api.keys"
    case tokenSecret = "token.secret"
    case userJWTSecret = "user.jwt.secret"
    case userJWKSFile = "user.jwks.file"
    case userJWTIssuer = "user.jwt.issuer"
    case userJWTAudience = "user.jwt.audience"
    case returnHosts = "return.hosts"
    case shopName = "shop.name"
    case shopLogo = "shop.logo"
    case shopColor = "shop.color"
    case checkoutFrameAncestors = "checkout.frame.ancestors"
    case corsOrigins = "cors.origins"
    case orderTTL = "order.ttl"
    case deadlinePolicy = "deadline.policy"
    case deadlineMargin = "deadline.margin"
    case repayMode = "repay.mode"
    case switchPolicy = "switch.policy"
    case providerTimeout = "provider.timeout"
    case providerConnectTimeout = "provider.connect.timeout"
    case providerCAFile = "provider.ca.file"
    case sandboxEnabled = "sandbox.enabled"
    case sandboxChannels = "sandbox.channels"
    case sandboxBaseURL = "sandbox.base.url"
    case sandboxPageTTL = "sandbox.page.ttl"
    case sandboxPCKind = "sandbox.pc.kind"
    case sandboxTradeScope = "sandbox.trade.scope"
    case sandboxSecret = "sandbox.secret"
    case channelsOrder = "channels.order"
    case alipayAppID = "alipay.app.id"
    case alipayPrivateKeyFile = "alipay.private.key.file"
    case alipayPublicKeyFile = "alipay.public.key.file"
    case alipayAppCertFile = "alipay.app.cert.file"
    case alipayCertFile = "alipay.alipay.cert.file"
    case alipayRootCertFile = "alipay.root.cert.file"
    case alipayGatewayURL = "alipay.gateway.url"
    case alipaySellerID = "alipay.seller.id"
    case alipayPCMethod = "alipay.pc.method"
    case wechatMchID = "wechat.mch.id"
    case wechatAppID = "wechat.app.id"
    case wechatAppIDApp = "wechat.app.id.app"
    case wechatAppIDJSAPI = "wechat.app.id.jsapi"
    case wechatAppIDMini = "wechat.app.id.mini"
    case wechatSerialNo = "wechat.serial.no"
    case wechatPrivateKeyFile = "wechat.private.key.file"
    case wechatAPIV3Key = "wechat.api.v3.key"
    case wechatPublicKeyID = "wechat.public.key.id"
    case wechatPublicKeyFile = "wechat.public.key.file"
    case wechatPlatformCertificates = "wechat.platform.certificates"
    case wechatBaseURL = "wechat.base.url"
    case wechatOAuthSecret = "wechat.oauth.secret"
    case wechatOAuthBaseURL = "wechat.oauth.base.url"
    case wechatOAuthAuthorizeURL = "wechat.oauth.authorize.url"
    case stripeSecretKey = "stripe.secret.key"
    case stripeWebhookSecret = "stripe.webhook.secret"
    case stripeBaseURL = "stripe.base.url"
    case reconcileEnabled = "reconcile.enabled"
    case reconcileAt = "reconcile.at"
    case reconcileForeign = "reconcile.foreign"
    case backupDir = "backup.dir"
    case backupEvery = "backup.every"
    case backupKeep = "backup.keep"
    case privacyRetention = "privacy.retention"
    case tracingEndpoint = "tracing.endpoint"
    case tracingSample = "tracing.sample"
    case consoleEnabled = "console.enabled"
    case consoleHost = "console.host"
    case consolePort = "console.port"
    case consolePublicURL = "console.public.url"
    case consoleSessionIdle = "console.session.idle"
    case consoleSessionLength = "console.session.length"
    case consoleRefundLimit = "console.refund.limit"
    case webhookURL = "webhook.url"
    case webhookSecret = "webhook.secret"
    case webhookEvents = "webhook.events"

    var name: String { rawValue }

    /// Whether the value must not be logged.
    var isSecret: Bool {
        switch self {
        case .databaseURL, .apiKeys, .tokenSecret, .userJWTSecret, .sandboxSecret, .wechatAPIV3Key,
            .wechatOAuthSecret, .stripeSecretKey, .stripeWebhookSecret, .webhookSecret:
            true
        default: false
        }
    }

    /// Whether a change takes effect only at the next start. `paypage reload` names such a change.
    var needsRestart: Bool {
        switch self {
        case .httpHost, .httpPort, .httpRequestTimeout, .httpIdleTimeout, .httpConnections, .reloadSocket,
            .databaseURL, .databaseWritesPerCommit, .databaseLanes, .databaseMigrate, .databaseDurability,
            .databaseProofsPerSecond, .clusterNodes, .cacheMemory, .fastLane, .consoleEnabled, .consoleHost,
            .consolePort, .tracingEndpoint, .tracingSample, .backupDir, .backupEvery, .backupKeep, .privacyRetention:
            true
        default: false
        }
    }

    /// Whether the setting takes several values: separated by commas, or a list in a file.
    var isList: Bool {
        switch self {
        case .httpTrustedProxies, .apiKeys, .tokenSecret, .userJWTSecret, .returnHosts, .checkoutFrameAncestors,
            .corsOrigins, .sandboxChannels, .channelsOrder, .alipayPublicKeyFile, .wechatAPIV3Key, .wechatPublicKeyID,
            .wechatPublicKeyFile, .stripeWebhookSecret, .webhookSecret, .webhookEvents:
            true
        default: false
        }
    }
}

extension SettingKey {
    /// The type of provider whose channels have the key; nil for a key of the whole service.
    var kind: ProviderKind? {
        guard self != .sandboxEnabled, self != .sandboxChannels else { return nil }
        return ProviderKind.allCases.first { name.hasPrefix("\($0.rawValue).") }
    }

    /// The key's name within a channel: `app.id` for `alipay.app.id`. Nil for a key of the whole service.
    var word: String? { kind.map { String(name.dropFirst($0.rawValue.count + 1)) } }

    /// The key of a provider by its name within a channel. Nil if the provider has no such key.
    init?(_ word: String, of kind: ProviderKind) {
        guard let key = SettingKey(rawValue: "\(kind.rawValue).\(word)"), key.kind == kind else { return nil }
        self = key
    }

    static func keys(of kind: ProviderKind) -> [SettingKey] { allCases.filter { $0.kind == kind } }
}
