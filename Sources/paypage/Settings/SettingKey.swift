/// The settings of this version.
enum SettingKey: String, CaseIterable, Sendable {
    case httpHost = "http.host"
    case httpPort = "http.port"
    case publicURL = "public.url"
    case httpTrustedProxies = "http.trusted.proxies"
    case httpRequestTimeout = "http.request.timeout"
    case httpIdleTimeout = "http.idle.timeout"
    case httpConnections = "http.connections"
    case databaseURL = "database.url"
    case databaseWritesPerCommit = "database.writes.per.commit"
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
    case alipayAppID = "alipay.app.id"
    case alipayPrivateKeyFile = "alipay.private.key.file"
    case alipayPublicKeyFile = "alipay.public.key.file"
    case alipayGatewayURL = "alipay.gateway.url"
    case alipaySellerID = "alipay.seller.id"
    case alipayPCMethod = "alipay.pc.method"
    case wechatMchID = "wechat.mch.id"
    case wechatAppID = "wechat.app.id"
    case wechatSerialNo = "wechat.serial.no"
    case wechatPrivateKeyFile = "wechat.private.key.file"
    case wechatAPIV3Key = "wechat.api.v3.key"
    case wechatPublicKeyID = "wechat.public.key.id"
    case wechatPublicKeyFile = "wechat.public.key.file"
    case wechatPlatformCertificates = "wechat.platform.certificates"
    case wechatBaseURL = "wechat.base.url"
    case stripeSecretKey = "stripe.secret.key"
    case stripeWebhookSecret = "stripe.webhook.secret"
    case stripeBaseURL = "stripe.base.url"
    case reconcileEnabled = "reconcile.enabled"
    case reconcileAt = "reconcile.at"
    case reconcileForeign = "reconcile.foreign"
    case webhookURL = "webhook.url"
    case webhookSecret = "webhook.secret"

    var name: String { rawValue }

    /// Whether the value must not be logged.
    var isSecret: Bool {
        switch self {
        case .apiKeys, .tokenSecret, .userJWTSecret, .sandboxSecret, .wechatAPIV3Key, .stripeSecretKey,
            .stripeWebhookSecret, .webhookSecret:
            true
        default: false
        }
    }

    /// Whether the setting takes several values: separated by commas, or a list in a file.
    var isList: Bool {
        switch self {
        case .httpTrustedProxies, .apiKeys, .returnHosts, .checkoutFrameAncestors, .corsOrigins, .sandboxChannels: true
        default: false
        }
    }
}
