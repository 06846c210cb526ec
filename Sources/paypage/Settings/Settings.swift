import PayCore
import PayProviders
import PayServer

/// What the service was told at its start: read once, valid because it exists.
struct Settings: Sendable {
    let http: HTTP
    let publicURL: PublicURL
    /// The SQLite file.
    let databasePath: String
    /// How many decisions share a transaction at most.
    let writesPerCommit: Int
    /// How many bytes of live pages are kept in memory.
    let cacheMemory: Int
    /// Whether pages in memory are answered ahead of the routes.
    let hasFastLane: Bool
    /// The merchant's keys; at least one.
    let apiKeys: [Secret]
    /// Signs checkout tokens.
    let tokenSecret: Secret
    let userTokens: UserTokens
    /// The hosts that a `return_url` may name; nil when it may name any.
    let returnHosts: [String]?
    /// The web origins whose scripts may call the API.
    let corsOrigins: [String]
    let checkout: Checkout
    let orderTTL: Duration
    let deadlines: Deadlines
    let repayMode: RepayMode
    let switchPolicy: SwitchPolicy
    let provider: Provider
    /// Nil when the sandbox is not enabled.
    let sandbox: Sandbox?
    /// Nil when the channel is not configured, as for the next two.
    let alipay: Alipay?
    let weChatPay: WeChatPay?
    let stripe: StripeConfiguration?
    /// The channels that make no new attempt.
    let switchedOff: Set<Channel>
    /// Where the merchant is told; nil when it isn't.
    let webhook: Webhook?
    /// What `--dev` made because it wasn't set, so that it can be shown.
    let generated: [GeneratedSecret]
}

extension Settings {
    /// Where the service listens.
    struct HTTP: Sendable {
        /// A host name, or an address as the system writes it, without brackets.
        let host: String
        /// 0 stands for any free port.
        let port: Int
        /// The addresses whose `X-Forwarded-For` is believed.
        let trustedProxies: [AddressRange]
        /// From a request's first byte to its last.
        let requestTimeout: Duration
        /// How long a connection without a request stays open.
        let idleTimeout: Duration
        /// The most connections at once; nil for as many as there are open files for.
        let connections: Int?
    }

    /// A setting that is on or off.
    enum Toggle: String, CaseIterable {
        case on, off
    }

    /// The base of notify and checkout URLs.
    enum PublicURL: Hashable, Sendable {
        /// As set, without a slash at the end.
        case fixed(String)
        /// The listener's own address: in development, where nobody set one.
        case ofListener(host: String)

        /// The URL, without a slash at the end. `port` is the one that is listened on: known late when any will do.
        func text(listeningOn port: Int) -> String {
            switch self {
            case .fixed(let text): text
            case .ofListener(let host): "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            }
        }
    }

    /// How users' tokens are checked. Without a secret and without a file no user token is good.
    struct UserTokens: Sendable {
        let secret: Secret?
        let jwksFile: String?
        let issuer: String?
        let audience: String?
    }

    /// What the hosted checkout page shows, and where it may be shown.
    struct Checkout: Sendable {
        /// Nil when nobody set it.
        let shopName: String?
        /// The web origins whose pages may show it in a frame.
        let frameAncestors: [String]
    }

    /// How long one call to a provider may take, and whose certificates it trusts.
    struct Provider: Sendable {
        let timeout: Duration
        /// The part of `timeout` in which the connection must stand.
        let connectTimeout: Duration
        /// A PEM file of authorities; nil for the system's.
        let authoritiesFile: String?
    }

    /// The provider for trying and testing.
    struct Sandbox: Sendable {
        let channels: [Channel]
        let place: Place
        let pageTTL: Duration
        let pcKind: SandboxConfiguration.PCKind
        let tradeScope: SandboxConfiguration.TradeScope
        /// Signs its requests and notices.
        let secret: Secret

        enum Place: Hashable, Sendable {
            /// In this process, at `/sandbox` under the public URL. With `--dev` alone.
            case mounted
            /// At a base URL, without a slash at the end.
            case elsewhere(String)
        }
    }

    /// Where the merchant is told what happened.
    struct Webhook: Sendable {
        let url: String
        let signer: WebhookSigner
    }

    /// A secret that nobody had set.
    struct GeneratedSecret: Sendable {
        let key: SettingKey
        let secret: Secret
    }
}
