import PayCore
import PayFlow

extension Settings {
    /// Loads the settings from the environment and the `--config` file; the environment wins.
    ///
    /// `dev` allows settings for trials: secrets that `randomSecret` generates unless they are among `kept`, and the
    /// sandbox in this process.
    static func load(
        environment: [String: String],
        configFile: String?,
        dev: Bool,
        keeping kept: [GeneratedSecret] = [],
        randomSecret: @escaping () -> String
    ) throws(SettingsMistakes) -> Settings {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var reader = SettingsReader(sources, dev: dev, keeping: kept, randomSecret: randomSecret)
        let http = reader.http()
        let publicURL = reader.publicURL(http)
        let database = reader.database()
        let reloadSocket = database.flatMap { reader.reloadSocket($0.address) }
        let nodes = reader.value(.clusterNodes, SettingRules.count(upTo: SettingRules.mostNodes))
        let cacheMemory = reader.value(.cacheMemory, SettingRules.memory)
        let fastLane = reader.value(.fastLane, SettingRules.choice(_:) as Rule<Settings.Toggle>)
        let apiKeys = reader.apiKeys()
        let tokenSecrets = reader.tokenSecrets()
        let userTokens = reader.userTokens()
        let returnHosts = reader.list(.returnHosts, SettingRules.host)
        let corsOrigins = reader.list(.corsOrigins, SettingRules.origin) ?? []
        let checkout = reader.checkout()
        let times = reader.orderTimes()
        let repayMode = reader.value(.repayMode, SettingRules.choice(_:) as Rule<RepayMode>)
        let switchPolicy = reader.value(.switchPolicy, SettingRules.choice(_:) as Rule<SwitchPolicy>)
        let provider = reader.provider()
        let sandbox = reader.sharedSandbox()
        let accounts = reader.accounts(sandbox, publicURL)
        let reconcile = reader.reconciliation()
        let backup = reader.backup(of: database?.address)
        let privacyRetention = reader.privacyRetention()
        let tracing = reader.tracing()
        let console = reader.console(http)
        let webhooks = reader.webhooks()
        if let publicURL { reader.requireReachable(publicURL, accounts) }
        guard let http, let publicURL, let database, let reloadSocket, let nodes, let cacheMemory, let fastLane,
            let apiKeys,
            let tokenSecrets, let times, let repayMode, let switchPolicy, let provider, let reconcile, let console,
            let privacyRetention, reader.mistakes.isEmpty
        else { throw SettingsMistakes(all: reader.mistakes) }
        return Settings(
            http: http, publicURL: publicURL, database: database, reloadSocket: reloadSocket, nodes: nodes,
            cacheMemory: cacheMemory,
            hasFastLane: fastLane == .on, apiKeys: apiKeys, tokenSecrets: tokenSecrets,
            userTokens: userTokens, returnHosts: returnHosts, corsOrigins: corsOrigins, checkout: checkout,
            orderTTL: times.ttl, deadlines: times.deadlines, repayMode: repayMode, switchPolicy: switchPolicy,
            provider: provider, sandbox: sandbox.sandbox, accounts: accounts, reconcile: reconcile, backup: backup,
            privacyRetention: privacyRetention, console: console, tracing: tracing, webhooks: webhooks,
            generated: reader.generated)
    }
}

extension Settings {
    /// The settings of the database alone, for a check beside mistakes in other settings.
    static func databaseOnly(
        environment: [String: String], configFile: String?
    ) throws(SettingsMistakes) -> Database {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var reader = SettingsReader(sources, dev: false, randomSecret: { "" })
        guard let database = reader.database() else { throw SettingsMistakes(all: reader.mistakes) }
        return database
    }

    /// The address alone, for a command that reads the database of a service with other settings.
    static func databaseAddress(
        environment: [String: String], configFile: String?
    ) throws(SettingsMistakes) -> DatabaseAddress {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var reader = SettingsReader(sources, dev: false, randomSecret: { "" })
        guard let address = reader.value(.databaseURL, SettingRules.databaseAddress) else {
            throw SettingsMistakes(all: reader.mistakes)
        }
        return address
    }
}

extension SettingsReader {
    fileprivate mutating func http() -> Settings.HTTP? {
        let host = value(.httpHost, SettingRules.host)
        if dev, let host, WebHost(host)?.isLoopback != true {
            let problem = "is reachable from outside; with --dev anyone could pay through the sandbox without money"
            refuse(.httpHost, Complaint(problem, remedy: "use 127.0.0.1, or start without --dev"))
        }
        let port = value(.httpPort, SettingRules.port)
        let proxies = list(.httpTrustedProxies, SettingRules.addressRange)
        let shortest = Duration.seconds(1)
        let request = value(.httpRequestTimeout, SettingRules.duration(from: shortest, upTo: .seconds(600)))
        let idle = value(.httpIdleTimeout, SettingRules.duration(from: shortest, upTo: .seconds(3_600)))
        let connections = value(.httpConnections, SettingRules.connections)
        guard let host, let port, let request, let idle else { return nil }
        return Settings.HTTP(
            host: host, port: port, trustedProxies: proxies ?? [], requestTimeout: request, idleTimeout: idle,
            connections: connections)
    }

    /// Has no default: only the operator knows the address under which a proxy makes the service reachable. With
    /// `--dev` the default is the listener's own address, with its real port.
    fileprivate mutating func publicURL(_ http: Settings.HTTP?) -> Settings.PublicURL? {
        if isSet(.publicURL) { return value(.publicURL, BaseURL.parse).map { .fixed($0) } }
        if dev { return http.map { .ofListener(host: $0.host) } }
        let remedy =
            "set it to the https address under which buyers and providers reach this service "
            + "(https://pay.example.com), or use --dev"
        refuse(.publicURL, Complaint("is not set", remedy: remedy))
        return nil
    }

    fileprivate mutating func tokenSecrets() -> [Secret]? {
        if !isSet(.tokenSecret), !dev {
            let remedy = "set it to \(SettingRules.shortestSecret) random bytes (openssl rand -hex 32), or use --dev"
            refuse(.tokenSecret, Complaint("is not set", remedy: remedy))
        }
        if !isSet(.tokenSecret), dev { return [Secret(make(.tokenSecret))] }
        return list(.tokenSecret, SettingRules.secret(atLeast: SettingRules.shortestSecret))
    }

    fileprivate mutating func userTokens() -> Settings.UserTokens {
        Settings.UserTokens(
            secrets: list(.userJWTSecret, SettingRules.secret(atLeast: SettingRules.shortestSecret)) ?? [],
            jwksFile: value(.userJWKSFile, SettingRules.readableFile),
            issuer: value(.userJWTIssuer, SettingRules.present),
            audience: value(.userJWTAudience, SettingRules.present)
        )
    }

    fileprivate mutating func checkout() -> Settings.Checkout {
        Settings.Checkout(
            shopName: value(.shopName, SettingRules.shopName),
            logo: value(.shopLogo, SettingRules.imageFile(upTo: SettingRules.largestLogo)),
            color: value(.shopColor, SettingRules.color),
            frameAncestors: list(.checkoutFrameAncestors, SettingRules.origin) ?? [])
    }

    fileprivate mutating func orderTimes() -> (ttl: Duration, deadlines: Deadlines)? {
        let ttl = value(.orderTTL, SettingRules.duration(upTo: SettingRules.longestOrder))
        let policy = value(.deadlinePolicy, SettingRules.choice(_:) as Rule<DeadlinePolicy>)
        let margin = value(.deadlineMargin, SettingRules.duration(from: .zero, upTo: SettingRules.longestOrder))
        guard let ttl, let policy, let margin else { return nil }
        if policy == .reserve, ttl <= margin {
            let problem = "leaves no time to pay: deadline.policy reserve subtracts deadline.margin"
            refuse(.orderTTL, Complaint(problem, remedy: "set it above deadline.margin"))
        }
        return (ttl, Deadlines(policy: policy, margin: margin))
    }

    fileprivate mutating func provider() -> Settings.Provider? {
        let timeout = value(.providerTimeout, SettingRules.duration(from: .milliseconds(100), upTo: .seconds(60)))
        let connect = value(.providerConnectTimeout, SettingRules.duration(upTo: .seconds(60)))
        let authoritiesFile = value(.providerCAFile, SettingRules.authoritiesFile)
        guard let timeout, let connect else { return nil }
        guard isSet(.providerConnectTimeout) else {
            return Settings.Provider(
                timeout: timeout, connectTimeout: min(connect, timeout), authoritiesFile: authoritiesFile)
        }
        if connect > timeout {
            let problem = "is longer than provider.timeout, which includes it"
            refuse(.providerConnectTimeout, Complaint(problem, remedy: "set it to at most provider.timeout"))
        }
        return Settings.Provider(timeout: timeout, connectTimeout: connect, authoritiesFile: authoritiesFile)
    }
}
