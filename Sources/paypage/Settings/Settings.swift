import PayAccess
import PayCheckout
import PayCore
import PayFlow
import PayProviders
import PostgresStore

/// The settings of the service: read once at start, and valid because they exist.
struct Settings: Sendable {
    let http: HTTP
    let publicURL: PublicURL
    let database: Database
    /// The path of the socket for `paypage reload`.
    let reloadSocket: String
    /// The processes that share the database. Limits that protect providers are divided by it.
    let nodes: Int
    /// The memory for live pages, in bytes.
    let cacheMemory: Int
    /// Whether pages in memory are served before the routes.
    let hasFastLane: Bool
    /// The merchant's API keys; at least one.
    let apiKeys: [MerchantKey]
    /// The first signs checkout tokens, and each verifies them; at least one.
    let tokenSecrets: [Secret]
    let userTokens: UserTokens
    /// The hosts that a `return_url` may name; nil for any.
    let returnHosts: [String]?
    /// The web origins whose scripts may call the API.
    let corsOrigins: [String]
    let checkout: Checkout
    let orderTTL: Duration
    let deadlines: Deadlines
    let repayMode: RepayMode
    let switchPolicy: SwitchPolicy
    let provider: Provider
    /// The sandbox of the keys `sandbox.*`; nil if it is not enabled.
    let sandbox: Sandbox?
    /// The configured channels in the order in which buyers see them; at least one.
    let accounts: [Account]
    let reconcile: Reconciliation
    /// The copies of the database; nil for none.
    let backup: Backup?
    /// How long after an order is over the buyer's data is kept.
    let privacyRetention: Duration
    let console: Console
    /// Nil for no traces.
    let tracing: Tracing?
    /// The merchant's webhook endpoints, by name.
    let webhooks: [WebhookEndpoint]
    /// The secrets that `--dev` generated, for printing.
    let generated: [GeneratedSecret]
}

extension Settings {
    /// The listener.
    struct HTTP: Sendable {
        /// A host name, or an address as the system writes it, without brackets.
        let host: String
        /// 0 for any free port.
        let port: Int
        /// The addresses whose `X-Forwarded-For` is trusted.
        let trustedProxies: [AddressRange]
        /// From a request's first byte to its last.
        let requestTimeout: Duration
        /// How long a connection without a request stays open.
        let idleTimeout: Duration
        /// The most connections at once; nil for as many as the open files allow.
        let connections: Int?
    }

    /// The database, and how the service writes to it.
    struct Database: Sendable {
        let address: DatabaseAddress
        /// The most decisions in one transaction of SQLite.
        let writesPerCommit: Int
        /// The connections to PostgreSQL that write side by side.
        let lanes: Int
        let migration: MigrationTime
        let durability: Durability
        /// The most questions to PostgreSQL about cached pages, each about many pages.
        let proofsPerSecond: Int
    }

    /// The time at which the migrations of PostgreSQL are applied. Those of SQLite are applied at the start.
    enum MigrationTime: String, CaseIterable {
        /// By `paypage migrate` alone: several nodes start at once.
        case onCommand = "on_command"
        case atStart = "at_start"
    }

    /// A setting that is on or off.
    enum Toggle: String, CaseIterable {
        case on, off
    }

    /// The base of notify and checkout URLs.
    enum PublicURL: Hashable, Sendable {
        /// As set, without a slash at the end.
        case fixed(String)
        /// The listener's own address, with `--dev` and no configured URL.
        case ofListener(host: String)

        /// The URL, without a slash at the end. `port` is the listener's port, which is known late if any port is
        /// allowed.
        func text(listeningOn port: Int) -> String {
            switch self {
            case .fixed(let text): text
            case .ofListener(let host): "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            }
        }

        /// Whether only this machine can reach it.
        var isLoopback: Bool {
            switch self {
            case .fixed(let text): BaseURL.isLoopback(text)
            case .ofListener(let host): WebHost(host)?.isLoopback ?? false
            }
        }

        /// Whether it is an https address.
        var isSecure: Bool {
            switch self {
            case .fixed(let text): text.hasPrefix("https://")
            case .ofListener: false
            }
        }
    }

    /// The verification of users' tokens. Without a secret and without a file no user token is valid.
    struct UserTokens: Sendable {
        let secrets: [Secret]
        let jwksFile: String?
        let issuer: String?
        let audience: String?
    }

    /// The content of the hosted checkout page, and the sites that may embed it.
    struct Checkout: Sendable {
        /// Nil if it is not set, as for the next two.
        let shopName: String?
        let logo: CheckoutImage?
        let color: CheckoutColor?
        /// The web origins whose pages may show it in a frame.
        let frameAncestors: [String]
    }

    /// The time-outs of a provider call, and the trusted authorities.
    struct Provider: Sendable {
        let timeout: Duration
        /// The part of `timeout` for the connection.
        let connectTimeout: Duration
        /// A PEM file of authorities; nil for the system's.
        let authoritiesFile: String?
    }

    /// The provider for trials and tests.
    struct Sandbox: Sendable {
        let place: Place
        let pageTTL: Duration
        let pcKind: SandboxConfiguration.PCKind
        let tradeScope: SandboxConfiguration.TradeScope
        /// Signs its requests and notices.
        let secret: Secret

        enum Place: Hashable, Sendable {
            /// In this process, at `/sandbox` under the public URL. Only with `--dev`.
            case mounted
            /// At a base URL, without a slash at the end.
            case elsewhere(String)
        }
    }

    /// A secret that was generated because it was not set.
    struct GeneratedSecret: Sendable {
        let key: SettingKey
        let secret: Secret
    }
}
